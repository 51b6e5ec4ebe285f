/** Literals of a statement: every text that a literal may stand for when the session's modes are not known. */
import { isAscii, replacementCharacter } from "./characters";
import { keyword } from "./keywords";
import { comma, type Cursor } from "./cursor";
import {
  binaryOperand,
  nullOperand,
  numberOperand,
  stringOperand,
  unknownOperand,
  type LiteralOperand,
  type Operand,
} from "./operands";
import { tokenKinds } from "./tokens";

const wordNull = keyword("null");
const wordTrue = keyword("true");
const wordFalse = keyword("false");

/** The literal at the cursor, adjacent strings joined; `undefined` (and no step) when there is none. */
export function readLiteral(cursor: Cursor): Operand | undefined {
  const { tokens, position } = cursor;
  switch (tokens.kind(position)) {
    case tokenKinds.integer:
      cursor.position++;
      return numberOperand("integer", tokens.slice(position));
    case tokenKinds.decimal:
      cursor.position++;
      return numberOperand("decimal", tokens.slice(position));
    case tokenKinds.real:
      cursor.position++;
      return numberOperand("real", tokens.slice(position));
    case tokenKinds.string:
      return readString(cursor, undefined);
    case tokenKinds.nationalString:
      return readString(cursor, "utf8");
    case tokenKinds.hexString:
    case tokenKinds.hexNumber:
    case tokenKinds.bitString:
    case tokenKinds.bitNumber:
      cursor.position++;
      return hexLiteral(tokens.kind(position), tokens.slice(position));
    case tokenKinds.nullEscape:
      cursor.position++;
      return nullOperand;
    case tokenKinds.word:
      return readLiteralWord(cursor);
    default:
      return undefined;
  }
}

function readLiteralWord(cursor: Cursor): Operand | undefined {
  const word = cursor.keyword();
  if (word === wordNull) {
    cursor.position++;
    return nullOperand;
  }
  if (word === wordTrue || word === wordFalse) {
    cursor.position++;
    return numberOperand("integer", word === wordTrue ? "1" : "0");
  }
  return word === 0 ? readIntroduced(cursor) : undefined;
}

/** `_utf8mb4'..'`, `_binary X'..'`: the introducer says what the bytes mean, whatever the session's character set. */
function readIntroduced(cursor: Cursor): Operand | undefined {
  const { tokens, position } = cursor;
  if (tokens.text.charCodeAt(tokens.start(position)) !== 0x5f) return undefined;
  const next = tokens.kind(position + 1);
  const characterSet = tokens.slice(position).slice(1).toLowerCase();
  if (next === tokenKinds.string) {
    cursor.position++;
    return readString(cursor, characterSet);
  }
  if (next !== tokenKinds.hexString && next !== tokenKinds.hexNumber) return undefined;
  cursor.position += 2;
  return characterSet === "binary" ? hexLiteral(tokenKinds.hexString, tokens.slice(position + 1)) : unknownOperand;
}

/** Character sets whose ASCII characters are the bytes of ASCII. */
const asciiCompatible =
  /^(?:utf8\w*|latin\d|ascii|binary|cp\d+|koi8[ru]|greek|hebrew|dec8|hp8|macroman|macce|keybcs2|geostd8|armscii8|tis620)$/u;

/** Strings at the cursor, up to which a literal of several adjacent ones reaches. */
function readString(cursor: Cursor, introducer: string | undefined): Operand {
  let texts: readonly string[] = [""];
  let known = true;
  const { tokens } = cursor;
  for (;;) {
    const kind = cursor.kind();
    if (kind !== tokenKinds.string && kind !== tokenKinds.nationalString) break;
    const body = tokens.text.slice(tokens.start(cursor.position) + 1, tokens.end(cursor.position) - 1);
    const bodies = readings(body, "'", cursor.facts.mode?.escapesInStrings);
    if (texts.length * bodies.length > maximumReadings) known = false;
    if (known) texts = combine(texts, bodies);
    cursor.position++;
  }
  // A "string" may also follow; without knowing the mode it is none of ours.
  if (cursor.kind() === tokenKinds.doubleQuoted) {
    while (cursor.kind() === tokenKinds.doubleQuoted || cursor.kind() === tokenKinds.string) cursor.position++;
    known = false;
  }
  return known ? stringLiteral(texts, introducer, cursor.facts.spacesMayDiffer) : unknownOperand;
}

const maximumReadings = 4;

function combine(left: readonly string[], right: readonly string[]): readonly string[] {
  if (left.length === 1 && left[0] === "") return right;
  return left.flatMap((start) => right.map((end) => start + end));
}

function stringLiteral(texts: readonly string[], introducer: string | undefined, spacesMayDiffer: boolean): Operand {
  const [first] = texts;
  if (first === undefined || texts.some((text) => text.includes(replacementCharacter))) return unknownOperand;
  const mayDiffer = spacesMayDiffer && first.includes(" ");
  const ascii = isAscii(first);
  if (introducer !== undefined && !asciiCompatible.test(introducer)) return unknownOperand;
  if (introducer === "binary") {
    const bytes = Buffer.from(first, "utf8").toString("hex");
    return texts.length > 1 || mayDiffer ? unknownOperand : binaryOperand("hexString", bytes);
  }
  if (ascii) return stringOperand([first, ...texts.slice(1)], mayDiffer);
  if (introducer === undefined) {
    const all = [...texts, ...texts.map(asLatin1)];
    return stringOperand([first, ...all.slice(1)], mayDiffer);
  }
  return introducer.startsWith("utf8") ? stringOperand([first, ...texts.slice(1)], mayDiffer) : unknownOperand;
}

/** A double-quoted text that is known to be a string. */
export function readDoubleQuotedString(cursor: Cursor): Operand {
  const { tokens, position } = cursor;
  cursor.position++;
  const adjacent = cursor.kind() === tokenKinds.string || cursor.kind() === tokenKinds.doubleQuoted;
  while (cursor.kind() === tokenKinds.string || cursor.kind() === tokenKinds.doubleQuoted) cursor.position++;
  if (adjacent) return unknownOperand;
  const body = tokens.text.slice(tokens.start(position) + 1, tokens.end(position) - 1);
  const texts = readings(body, '"', cursor.facts.mode?.escapesInDoubleQuotes);
  return stringLiteral(texts, undefined, cursor.facts.spacesMayDiffer);
}

/** The texts that a quoted body may stand for: with backslash escapes, without them, or both when that is not known. */
function readings(body: string, quote: string, escapes: boolean | undefined): readonly string[] {
  const plain = body.includes(quote) ? body.replaceAll(quote + quote, quote) : body;
  if (!body.includes("\\") || escapes === false) return [plain];
  const escaped = unescape(body, quote);
  return escapes === true || escaped === plain ? [escaped] : [escaped, plain];
}

const escapeMeanings: ReadonlyMap<string, string> = new Map([
  ["0", "\0"],
  ["b", "\b"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
  ["Z", "\x1a"],
  // For LIKE patterns; elsewhere they are two characters as well.
  ["%", "\\%"],
  ["_", "\\_"],
]);

function unescape(body: string, quote: string): string {
  let text = "";
  let from = 0;
  for (let at = 0; at < body.length; at++) {
    const character = body.charAt(at);
    if (character === "\\") {
      const next = body.charAt(at + 1);
      text += body.slice(from, at) + (escapeMeanings.get(next) ?? next);
      from = at + 2;
      at++;
    } else if (character === quote) {
      text += body.slice(from, at + 1);
      from = at + 2;
      at++;
    }
  }
  return text + body.slice(from);
}

/** MySQL's latin1 is Windows-1252, with the five codes that it leaves open as control characters. */
const windows1252 =
  "\u20ac\x81\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\x8d\u017d\x8f" +
  "\x90\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\x9d\u017e\u0178";

/**
 * The log holds the client's bytes. A client that speaks latin1 means other characters by them than one that speaks
 * UTF-8, as which the log is decoded, and old drivers do speak latin1.
 */
function asLatin1(text: string): string {
  let result = "";
  for (const byte of Buffer.from(text, "utf8")) {
    result += byte >= 0x80 && byte < 0xa0 ? windows1252.charAt(byte - 0x80) : String.fromCharCode(byte);
  }
  return result;
}

function hexLiteral(kind: number, text: string): Operand {
  switch (kind) {
    case tokenKinds.hexString: {
      const digits = text.slice(2, -1);
      return /^(?:[0-9a-f]{2})*$/iu.test(digits) ? binaryOperand("hexString", digits.toLowerCase()) : unknownOperand;
    }
    case tokenKinds.hexNumber: {
      const digits = text.slice(2).toLowerCase();
      return binaryOperand("hexNumber", digits.length % 2 === 1 ? `0${digits}` : digits);
    }
    default: {
      const bits = kind === tokenKinds.bitString ? text.slice(2, -1) : text.slice(2);
      return /^[01]{1,64}$/u.test(bits) ? binaryOperand("hexNumber", bitsToHex(bits)) : unknownOperand;
    }
  }
}

function bitsToHex(bits: string): string {
  const digits = BigInt(`0b${bits}`).toString(16);
  return digits.padStart(Math.ceil(bits.length / 8) * 2, "0");
}

const whitespace = [" ", "\n", "\t", "\r"];
const maximumExpansion = 64;

/** Every text that a string may stand for, its doubtful spaces included; `undefined` when they are too many. */
export function expandTexts(literal: LiteralOperand): readonly string[] | undefined {
  if (!literal.spacesMayDiffer) return literal.texts;
  let count = 0;
  for (const text of literal.texts) count += whitespace.length ** (text.split(" ").length - 1);
  if (count > maximumExpansion) return undefined;
  return literal.texts.flatMap((text) =>
    text.split(" ").reduce<readonly string[]>((starts, part, index) => {
      if (index === 0) return [part];
      return starts.flatMap((start) => whitespace.map((space) => start + space + part));
    }, []),
  );
}

/** The literal is all of a list's item: what follows is a comma or the list's end. */
export function endsItem(cursor: Cursor): boolean {
  return cursor.symbol() === comma || cursor.atClosing() || cursor.atEnd();
}
