/** Which literals compare with which columns in the same way in every session, and what they are then. */
import { isAscii } from "./characters";
import { clockRange, type ClockBounds, type ClockPartner } from "./clock";
import { expandTexts } from "./literals";
import type { LiteralOperand, Operand, ValueOperand } from "./operands";
import { formatDatetime, isCanonicalTimeOfDay, readCanonicalTime, zoneSpanMs } from "./temporal";
import type { Literal } from "./touch";

export type LiteralMatch =
  | { readonly kind: "exact"; readonly literal: Literal; readonly equalityOnly: boolean }
  /** The literal is one of these; only equality says something then. */
  | { readonly kind: "anyOf"; readonly literals: readonly Literal[]; readonly equalityOnly: boolean }
  /** One of these, with other white space characters in place of spaces. */
  | { readonly kind: "spaced"; readonly literals: readonly Literal[]; readonly equalityOnly: boolean };

/** `undefined`: the comparison may differ from session to session. */
export function matchLiteral(isMysql: boolean, value: ValueOperand, literal: LiteralOperand): LiteralMatch | undefined {
  if (literal.form === "null") return value.valueClass === "json" ? undefined : exact(literal.literal);
  switch (value.valueClass) {
    case "integer":
    case "bit":
      return matchInteger(literal);
    case "decimal":
    case "float":
      return isNumber(literal) ? exact(literal.literal) : matchNumberText(literal);
    case "year":
      return /^\d{4}$/u.test(plainText(literal)) ? exact({ type: "number", text: plainText(literal) }) : undefined;
    case "text":
    case "char":
      return matchText(value, literal);
    case "enum":
      return matchEnum(literal);
    case "binary":
      return matchBinary(literal);
    case "date":
    case "datetime":
      return matchDate(literal);
    case "time":
      return isString(literal) && isCanonicalTimeOfDay(plainText(literal)) ? exact(literal.literal) : undefined;
    case "uuid":
      return isCanonicalUuid(plainText(literal)) ? exact(literal.literal, true) : undefined;
    case "json":
      return matchJson(isMysql, literal);
    case "timestamp":
      return undefined;
  }
}

function exact(literal: Literal, equalityOnly = false): LiteralMatch {
  return { kind: "exact", literal, equalityOnly };
}

function isNumber(literal: LiteralOperand): boolean {
  return literal.literal.type === "number";
}

function isString(literal: LiteralOperand): boolean {
  return literal.form === "string" && literal.texts.length === 1;
}

/** The literal's characters when there is only one way to read them; else empty. */
function plainText(literal: LiteralOperand): string {
  if (literal.literal.type === "number") return literal.literal.text;
  return literal.literal.type === "string" && literal.texts.length <= 1 ? literal.literal.value : "";
}

/** Texts of up to 15 digits are the same number as an integer and as the double that servers compare with. */
const integerText = /^-?\d{1,15}$/u;
const numberText = /^-?\d{1,15}(?:\.\d{1,10})?$/u;

function matchInteger(literal: LiteralOperand): LiteralMatch | undefined {
  if (isNumber(literal)) return exact(literal.literal);
  if (literal.form === "hexNumber" && literal.literal.type === "binary") {
    const { hex } = literal.literal;
    return hex.length <= 16 ? exact({ type: "number", text: BigInt(`0x${hex}`).toString() }) : undefined;
  }
  const text = plainText(literal);
  if (isString(literal) && integerText.test(text)) return exact({ type: "number", text });
  return matchNumberText(literal);
}

function matchNumberText(literal: LiteralOperand): LiteralMatch | undefined {
  return isString(literal) && numberText.test(plainText(literal)) ? exact(literal.literal) : undefined;
}

function matchText(value: ValueOperand, literal: LiteralOperand): LiteralMatch | undefined {
  if (isNumber(literal)) return exact(literal.literal);
  if (literal.form !== "string") return undefined;
  if (!literal.texts.every((text) => isRepresentable(text, value.characterSet))) return undefined;
  const { collation = value.collation } = literal;
  const sameCollation = collation === value.collation;
  if (!sameCollation && collation !== `${value.characterSet ?? ""}_bin`) return undefined;
  const texts = expandTexts(literal);
  const asLiterals = (list: readonly string[]): Literal[] => list.map((text) => ({ type: "string", value: text }));
  if (texts === undefined) return { kind: "spaced", literals: asLiterals(literal.texts), equalityOnly: true };
  // A binary collation in the statement finds fewer rows than the column's own.
  if (texts.length === 1 && sameCollation) return exact(literal.literal);
  return { kind: "anyOf", literals: asLiterals(texts), equalityOnly: true };
}

/** A character that the column cannot hold makes the server compare in another character set and collation. */
export function isRepresentable(text: string, characterSet: string | undefined): boolean {
  if (isAscii(text)) return true;
  if (characterSet === "utf8mb4") return true;
  return (characterSet === "utf8mb3" || characterSet === "utf8") && !/[\ud800-\udfff]/u.test(text);
}

function matchEnum(literal: LiteralOperand): LiteralMatch | undefined {
  if (literal.form === "integer") return exact(literal.literal, true);
  const usable = isString(literal) && isAscii(plainText(literal)) && literal.collation === undefined;
  return usable && !literal.spacesMayDiffer ? exact(literal.literal, true) : undefined;
}

function matchBinary(literal: LiteralOperand): LiteralMatch | undefined {
  if (literal.literal.type === "binary") return exact(literal.literal);
  const text = plainText(literal);
  if (!isString(literal) || literal.spacesMayDiffer || !isAscii(text)) return undefined;
  return exact({ type: "binary", hex: Buffer.from(text, "latin1").toString("hex") });
}

function matchDate(literal: LiteralOperand): LiteralMatch | undefined {
  if (literal.form !== "string" && literal.form !== "temporal") return undefined;
  const time = readCanonicalTime(plainText(literal));
  return time === undefined ? undefined : exact({ type: "string", value: time.text });
}

export function isCanonicalUuid(text: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/iu.test(text);
}

/** In MariaDB the collation of a comparison with a JSON function's text depends on the session. */
function matchJson(isMysql: boolean, literal: LiteralOperand): LiteralMatch | undefined {
  if (literal.form === "integer" || literal.form === "decimal") return exact(literal.literal, true);
  if (!isMysql || !isString(literal) || literal.spacesMayDiffer) return undefined;
  return isAscii(plainText(literal)) && literal.collation === undefined ? exact(literal.literal, true) : undefined;
}

/** Operands that are only known to lie between two literals. */
export function rangeFor(
  now: ClockBounds | undefined,
  value: ValueOperand,
  other: Operand,
): { readonly low: Literal; readonly high: Literal } | undefined {
  if (other.kind === "clock") {
    const partner = clockPartner(value);
    if (now === undefined || partner === undefined) return undefined;
    const range = clockRange(other, now, partner);
    if (range === undefined) return undefined;
    const type = partner === "number" ? "number" : "string";
    return type === "number"
      ? { low: { type, text: range.low }, high: { type, text: range.high } }
      : { low: { type, value: range.low }, high: { type, value: range.high } };
  }
  if (value.valueClass !== "timestamp" || other.kind !== "literal") return undefined;
  if (other.form !== "string" && other.form !== "temporal") return undefined;
  const time = readCanonicalTime(plainText(other));
  if (time === undefined) return undefined;
  const low = formatDatetime(time.epochMs - zoneSpanMs, "down");
  const high = formatDatetime(time.epochMs + zoneSpanMs + 1000, "up");
  if (low === undefined || high === undefined) return undefined;
  return { low: { type: "string", value: low }, high: { type: "string", value: high } };
}

function clockPartner(value: ValueOperand): ClockPartner | undefined {
  switch (value.valueClass) {
    case "integer":
    case "decimal":
    case "float":
      return "number";
    case "date":
    case "datetime":
      return "datetime";
    case "timestamp":
      return "timestamp";
    default:
      return undefined;
  }
}
