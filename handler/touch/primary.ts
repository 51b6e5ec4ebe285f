/** The parts that expressions are built of: literals, columns, calls and groups. */
import { clockCall, clockWord, isClockName, shiftTime } from "./clockCall";
import { makeInterval } from "./clock";
import { dateDifference, timestampDifference } from "./clockDistance";
import { flip, type Bound } from "./comparison";
import { toPredicate } from "./conditions";
import { comma, dot } from "./cursor";
import type { ExpressionReader } from "./expression";
import { applyFunction, combineNumbers, isGrammarFunction, jsonExtract, jsonUnquote } from "./functions";
import { keyword, keywords } from "./keywords";
import { readDoubleQuotedString, readLiteral } from "./literals";
import { binaryOperand, columnOperand, temporalOperand, unknownOperand, type Interval, type Operand } from "./operands";
import { readCanonicalTime } from "./temporal";
import { symbols, tokenKinds } from "./tokens";

const word = {
  binary: keyword("binary"),
  case: keyword("case"),
  collate: keyword("collate"),
  exists: keyword("exists"),
  interval: keyword("interval"),
  match: keyword("match"),
  against: keyword("against"),
  over: keyword("over"),
  row: keyword("row"),
};

const temporalWords = keywords("date time timestamp");
const dateArithmetic: ReadonlyMap<string, 1 | -1> = new Map([
  ["date_add", 1],
  ["adddate", 1],
  ["date_sub", -1],
  ["subdate", -1],
]);
/** Words that cannot start an operand: the text ended too early. */
const clauseWords = keywords(
  "where order limit group having set from on as and or xor returning union in is like between",
);

const openParenthesis = 0x28;
const exclamation = 0x21;
const minus = 0x2d;
const plus = 0x2b;
const tilde = 0x7e;
const openBrace = 0x7b;
const closeBrace = 0x7d;

export function readPrimary(reader: ExpressionReader, bound: Bound): Operand {
  const { cursor } = reader;
  let operand = readLiteral(cursor) ?? reader.descend(() => readOther(reader, bound));
  while (cursor.accept(word.collate)) operand = collated(operand, readCollation(reader));
  return operand;
}

function readCollation(reader: ExpressionReader): string | undefined {
  const { cursor } = reader;
  if (cursor.kind() !== tokenKinds.string) return cursor.readName()?.toLowerCase();
  const name = cursor.tokens.slice(cursor.position++);
  return name.slice(1, -1).toLowerCase();
}

function collated(operand: Operand, collation: string | undefined): Operand {
  if (operand.kind !== "literal" || operand.form !== "string" || collation === undefined) return unknownOperand;
  return { ...operand, collation };
}

function readOther(reader: ExpressionReader, bound: Bound): Operand {
  const { cursor } = reader;
  switch (cursor.kind()) {
    case tokenKinds.word:
      return readWord(reader, bound);
    case tokenKinds.quotedName:
      return readPath(reader);
    case tokenKinds.doubleQuoted:
      return readDoubleQuoted(reader);
    case tokenKinds.placeholder:
      cursor.position++;
      return unknownOperand;
    case tokenKinds.variable:
      return readVariable(reader);
    case tokenKinds.symbol:
      return readSymbol(reader, bound);
    default:
      reader.failed = true;
      return unknownOperand;
  }
}

function readSymbol(reader: ExpressionReader, bound: Bound): Operand {
  const { cursor } = reader;
  switch (cursor.symbol()) {
    case openParenthesis:
      return reader.readGroup(bound);
    case minus:
    case plus:
    case exclamation:
    case tilde:
      return readUnary(reader, bound);
    case openBrace:
      return readBraces(reader);
    default:
      reader.failed = true;
      return unknownOperand;
  }
}

/** `{d '2024-01-31'}`: left unknown. */
function readBraces(reader: ExpressionReader): Operand {
  const { cursor } = reader;
  while (!cursor.atEnd() && !cursor.atClosing() && !cursor.acceptSymbol(closeBrace)) cursor.skipItem();
  return unknownOperand;
}

/** Signs, `!` and `~`, of which there may be many in a row. */
function readUnary(reader: ExpressionReader, bound: Bound): Operand {
  const { cursor } = reader;
  const from = cursor.position;
  while ([minus, plus, exclamation, tilde].includes(cursor.symbol())) cursor.position++;
  const count = cursor.position - from;
  const first = cursor.tokens.symbol(from);
  const operand = readPrimary(reader, first === exclamation ? flip(bound) : bound);
  if (count > 1 || first === tilde) return unknownOperand;
  if (first === exclamation) return { kind: "condition", predicate: { kind: "not", operand: toPredicate(operand) } };
  return first === plus ? withPlus(operand) : negated(operand);
}

function withPlus(operand: Operand): Operand {
  return operand.kind === "literal" && operand.literal.type === "number" ? operand : unknownOperand;
}

function negated(operand: Operand): Operand {
  if (operand.kind !== "literal") {
    return combineNumbers([operand], (operands) => ({ kind: "arithmetic", operator: "-", operands }));
  }
  if (operand.literal.type !== "number") return unknownOperand;
  return { ...operand, literal: { type: "number", text: `-${operand.literal.text}` } };
}

/** `@a` and `@a := ..`, which also takes everything that follows as its value. */
function readVariable(reader: ExpressionReader): Operand {
  const { cursor } = reader;
  cursor.position++;
  if (cursor.acceptSymbol(symbols.assign)) reader.readOperand();
  return unknownOperand;
}

/** A string; a name with ANSI_QUOTES; unknown when it could be either. */
function readDoubleQuoted(reader: ExpressionReader): Operand {
  const { cursor } = reader;
  if (cursor.ansiQuotes || cursor.tokens.symbol(cursor.position + 1) === dot) return readPath(reader);
  const name = cursor.nameAt(cursor.position);
  const isString = cursor.facts.accepted && name !== undefined && !reader.scope.mayBeColumn(name);
  const operand = readDoubleQuotedString(cursor);
  return isString ? operand : unknownOperand;
}

function readWord(reader: ExpressionReader, bound: Bound): Operand {
  const { cursor } = reader;
  const { tokens, position } = cursor;
  const id = tokens.keyword(position);
  if (id === word.case) {
    if (!cursor.skipCase()) reader.failed = true;
    return unknownOperand;
  }
  if (id === word.binary) {
    cursor.position++;
    readPrimary(reader, bound);
    return unknownOperand;
  }
  if (id === word.interval && tokens.symbol(position + 1) !== openParenthesis) {
    readInterval(reader, 1);
    return unknownOperand;
  }
  if (id === word.row && tokens.symbol(position + 1) === openParenthesis) {
    cursor.position++;
    return asRow(reader.readGroup(bound));
  }
  if (temporalWords.has(id) && tokens.kind(position + 1) === tokenKinds.string) return readTemporal(reader);
  if (tokens.symbol(position + 1) === openParenthesis) return readCall(reader, bound);
  const clock = id === 0 ? undefined : clockWord(tokens.slice(position).toLowerCase());
  if (clock !== undefined) {
    cursor.position++;
    return clock;
  }
  if (clauseWords.has(id)) {
    reader.failed = true;
    return unknownOperand;
  }
  return readPath(reader);
}

function asRow(operand: Operand): Operand {
  return operand.kind === "row" ? operand : { kind: "row", items: [operand] };
}

/** `DATE '2024-01-31'`, `TIMESTAMP '..'`; of `TIME '..'` nothing is made. */
function readTemporal(reader: ExpressionReader): Operand {
  const { cursor } = reader;
  cursor.position++;
  const operand = readLiteral(cursor);
  if (operand?.kind !== "literal" || operand.literal.type !== "string" || operand.texts.length > 1)
    return unknownOperand;
  const time = readCanonicalTime(operand.literal.value);
  return time === undefined ? unknownOperand : temporalOperand(time.text);
}

/** A name of up to three parts, and JSON paths behind it. */
function readPath(reader: ExpressionReader): Operand {
  const { cursor } = reader;
  const path: string[] = [];
  do {
    const name = cursor.readName();
    if (name === undefined) {
      // `t.*`, as in COUNT(t.*).
      reader.failed = true;
      return unknownOperand;
    }
    path.push(name);
  } while (cursor.acceptSymbol(dot));
  if (cursor.atOpening()) {
    cursor.skipGroup();
    return unknownOperand;
  }
  const column = reader.scope.column(path);
  const operand = column === undefined ? (reader.scope.known(path) ?? unknownOperand) : columnOperand(column);
  const arrow = cursor.symbol();
  if (arrow !== symbols.arrow && arrow !== symbols.unquotingArrow) return operand;
  cursor.position++;
  const extracted = jsonExtract("JSON_EXTRACT", [operand, readLiteral(cursor) ?? unknownOperand]);
  return arrow === symbols.arrow ? extracted : jsonUnquote("JSON_UNQUOTE", [extracted]);
}

function readCall(reader: ExpressionReader, bound: Bound): Operand {
  const { cursor } = reader;
  const { tokens, position } = cursor;
  const id = tokens.keyword(position);
  const name = id === 0 ? "" : tokens.slice(position).toLowerCase();
  cursor.position++;
  if (id === word.exists || id === word.match) {
    cursor.skipGroup();
    if (id === word.match && cursor.accept(word.against)) cursor.skipGroup();
    return unknownOperand;
  }
  // Behind a space some names are those of stored functions, unless IGNORE_SPACE is set.
  const adjacent = tokens.end(position) === tokens.start(position + 1);
  if (!adjacent || !isReadCall(name) || reader.tooDeep) return skipCall(reader);
  cursor.position++;
  if (dateArithmetic.has(name)) return readDateArithmetic(reader, dateArithmetic.get(name) ?? 1);
  if (name === "timestampdiff") return readTimestampDifference(reader);
  const operands = cursor.atClosing() ? [] : reader.readList(bound);
  if (operands.length === 0) cursor.position++;
  return evaluateCall(reader, name, operands);
}

function skipCall(reader: ExpressionReader): Operand {
  const { cursor } = reader;
  cursor.skipGroup();
  if (cursor.accept(word.over)) {
    if (cursor.atOpening()) cursor.skipGroup();
    else cursor.position++;
  }
  return unknownOperand;
}

function isReadCall(name: string): boolean {
  return isGrammarFunction(name) || isClockName(name) || dateArithmetic.has(name) || otherCalls.has(name);
}

const otherCalls = new Set(["name_const", "unhex", "uuid_to_bin", "datediff", "timestampdiff"]);

function evaluateCall(reader: ExpressionReader, name: string, operands: readonly Operand[]): Operand {
  const [first, second] = operands;
  switch (name) {
    case "name_const":
      return operands.length === 2 ? nameConst(second) : unknownOperand;
    case "unhex":
      return operands.length === 1 ? unhex(first) : unknownOperand;
    case "uuid_to_bin":
      // A stored function of this name is possible in MariaDB.
      return reader.context.isMysql && operands.length === 1 ? uuidToBin(first) : unknownOperand;
    case "datediff":
      return dateDifference(operands);
    default:
      return clockCall(name, operands) ?? applyFunction(name, operands);
  }
}

/** A procedure's variable. Its text has a collation as good as a column's, which is only known when it is spelt out. */
function nameConst(operand: Operand | undefined): Operand {
  if (operand?.kind !== "literal") return unknownOperand;
  return operand.form === "string" ? { ...operand, collation: operand.collation ?? "unknown" } : operand;
}

function onlyText(operand: Operand | undefined): string {
  if (operand?.kind !== "literal" || operand.literal.type !== "string" || operand.texts.length !== 1) return "";
  return operand.spacesMayDiffer ? "" : operand.literal.value;
}

function unhex(operand: Operand | undefined): Operand {
  const digits = onlyText(operand);
  return /^(?:[0-9a-f]{2})+$/iu.test(digits) ? binaryOperand("hexString", digits.toLowerCase()) : unknownOperand;
}

function uuidToBin(operand: Operand | undefined): Operand {
  const uuid = onlyText(operand);
  const canonical = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/iu.test(uuid);
  return canonical ? binaryOperand("hexString", uuid.replaceAll("-", "").toLowerCase()) : unknownOperand;
}

/** `DATE_SUB(NOW(), INTERVAL 1 DAY)`, `ADDDATE(CURDATE(), 3)`; behind its opening parenthesis. */
function readDateArithmetic(reader: ExpressionReader, sign: 1 | -1): Operand {
  const { cursor } = reader;
  const date = reader.readOperand();
  let result: Operand = unknownOperand;
  if (!reader.failed && cursor.acceptSymbol(comma)) {
    const interval = cursor.keyword() === word.interval ? readInterval(reader, sign) : readDays(reader, sign);
    result = shiftTime(date, interval);
  }
  return endCall(reader, result);
}

/** The second argument of `ADDDATE(date, 30)`. */
function readDays(reader: ExpressionReader, sign: 1 | -1): Interval | undefined {
  const days = reader.readOperand();
  const isNumber = days.kind === "literal" && days.literal.type === "number";
  return isNumber ? makeInterval(days.literal.text, "day", sign) : undefined;
}

/** `TIMESTAMPDIFF(unit, from, to)`; behind its opening parenthesis. */
function readTimestampDifference(reader: ExpressionReader): Operand {
  const { cursor } = reader;
  const unit = cursor.readName();
  let result: Operand = unknownOperand;
  if (unit !== undefined && cursor.acceptSymbol(comma)) {
    const from = reader.readOperand();
    if (!reader.failed && cursor.acceptSymbol(comma)) result = timestampDifference(unit, from, reader.readOperand());
  }
  return endCall(reader, result);
}

/** Steps behind the `)` of a call; what stands before it makes the result unknown. */
function endCall(reader: ExpressionReader, result: Operand): Operand {
  const { cursor } = reader;
  const complete = !reader.failed && cursor.atClosing();
  cursor.skipToClosing();
  cursor.position++;
  reader.failed = false;
  return complete ? result : unknownOperand;
}

/** `INTERVAL 30 DAY` at the cursor; the whole is passed even when it is `undefined`. */
export function readInterval(reader: ExpressionReader, sign: 1 | -1): Interval | undefined {
  const { cursor } = reader;
  cursor.position++;
  const amount = reader.readOperand();
  const unit = cursor.readName();
  if (amount.kind !== "literal" || unit === undefined) return undefined;
  const digits = amount.literal.type === "number" ? amount.literal.text : onlyText(amount);
  return makeInterval(digits, unit, sign);
}
