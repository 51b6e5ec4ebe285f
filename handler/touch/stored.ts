/** The value that a column holds after a literal was assigned to it: known only where no conversion changes it. */
import type { ColumnDefinition } from "../source/definition";
import { isAscii } from "./characters";
import { isCanonicalUuid, isRepresentable } from "./literalMatch";
import { expandTexts } from "./literals";
import { classOf, literalOperand, type LiteralOperand, type Operand, type RowOperand } from "./operands";
import { comparesAlike, holdsTextsOf } from "./rowValues";
import { isCanonicalTimeOfDay, readCanonicalTime } from "./temporal";
import type { Literal } from "./touch";

/**
 * Literals that are equal to what the column holds after `operand` was assigned: several when the text may mean several
 * things, of which one is right. `undefined`: the server may store something else. NULL is not looked at here.
 */
export function storedLiterals(column: ColumnDefinition, operand: Operand): readonly Literal[] | undefined {
  if (operand.kind === "rowValue") return storedRowValue(column, operand);
  if (operand.kind !== "literal" || operand.form === "null") return undefined;
  switch (classOf(column)) {
    case "integer":
      return storedInteger(column, operand);
    case "decimal":
      return storedDecimal(column, operand);
    case "text":
    case "char":
      return storedText(column, operand);
    case "binary":
      return storedBinary(column, operand);
    case "enum":
      return storedMember(column, operand);
    case "date":
    case "datetime":
      return storedTime(column, operand);
    case "time":
      return storedTimeOfDay(column, operand);
    case "year":
      return /^(?:19\d\d|20\d\d)$/u.test(onlyText(operand)) && !/^190[01]$/u.test(onlyText(operand))
        ? [{ type: "number", text: onlyText(operand) }]
        : undefined;
    case "uuid":
      return isCanonicalUuid(onlyText(operand)) ? [operand.literal] : undefined;
    default:
      return undefined;
  }
}

function storedRowValue(column: ColumnDefinition, operand: RowOperand): readonly Literal[] | undefined {
  if (operand.mayBeNull || !comparesAlike(column, operand.column) || !holdsTextsOf(column, operand.column)) {
    return undefined;
  }
  const stored = operand.literals.map((literal) => storedLiterals(column, literalOperand(literal)));
  return stored.every((literals) => literals !== undefined) ? stored.flat() : undefined;
}

/** The operand's characters when they can be read in one way only. */
function onlyText(operand: LiteralOperand): string {
  if (operand.literal.type === "number") return operand.form === "real" ? "" : operand.literal.text;
  return operand.literal.type === "string" && operand.texts.length <= 1 ? operand.literal.value : "";
}

const integerBits: ReadonlyMap<string, bigint> = new Map([
  ["tinyint", 8n],
  ["smallint", 16n],
  ["mediumint", 24n],
  ["int", 32n],
  ["bigint", 64n],
]);

function storedInteger(column: ColumnDefinition, operand: LiteralOperand): readonly Literal[] | undefined {
  const text = onlyText(operand);
  if (!/^-?\d{1,20}$/u.test(text)) return undefined;
  // Digits that fit into the narrowest type need no arithmetic.
  if (text.length > 2 && !isInRange(column, BigInt(text))) return undefined;
  if (text.startsWith("-") && column.unsigned) return undefined;
  return [{ type: "number", text: canonicalInteger(text) }];
}

function isInRange(column: ColumnDefinition, value: bigint): boolean {
  const bits = integerBits.get(column.dataType);
  if (bits === undefined) return false;
  if (column.unsigned) return value >= 0n && value < 1n << bits;
  const limit = 1n << (bits - 1n);
  return value >= -limit && value < limit;
}

/** The highest value of a signed integer column. */
export function highestInteger(column: ColumnDefinition): Literal | undefined {
  const bits = integerBits.get(column.dataType);
  return bits === undefined ? undefined : { type: "number", text: String((1n << (bits - 1n)) - 1n) };
}

function canonicalInteger(text: string): string {
  const canonical = /^-?(?:0|[1-9]\d*)$/u.test(text) && text !== "-0";
  return canonical ? text : BigInt(text).toString();
}

function storedDecimal(column: ColumnDefinition, operand: LiteralOperand): readonly Literal[] | undefined {
  const text = onlyText(operand);
  const [, sign, whole = "", fraction = ""] = /^(-?)0*(\d*)(?:\.(\d*?)0*)?$/u.exec(text) ?? [];
  if (sign === undefined || !/\d/u.test(text) || (sign === "-" && column.unsigned)) return undefined;
  const precision = column.numericPrecision ?? 0;
  const scale = column.numericScale ?? 0;
  if (fraction.length > scale || whole.length > precision - scale) return undefined;
  const digits = `${whole === "" ? "0" : whole}${fraction === "" ? "" : `.${fraction}`}`;
  return [{ type: "number", text: `${digits === "0" ? "" : sign}${digits}` }];
}

function storedText(column: ColumnDefinition, operand: LiteralOperand): readonly Literal[] | undefined {
  if (operand.form !== "string") return undefined;
  const texts = expandTexts(operand);
  if (texts?.every((text) => fits(column, text)) !== true) return undefined;
  const strip = column.dataType === "char";
  return texts.map((text) => ({ type: "string", value: strip ? text.replace(/ +$/u, "") : text }));
}

function fits(column: ColumnDefinition, text: string): boolean {
  if (!isRepresentable(text, column.characterSet)) return false;
  // Lengths of text types count bytes: four for each character at most.
  const length = column.dataType.endsWith("text") ? Math.floor((column.length ?? 0) / 4) : (column.length ?? 0);
  return (isAscii(text) ? text.length : Array.from(text).length) <= length;
}

function storedBinary(column: ColumnDefinition, operand: LiteralOperand): readonly Literal[] | undefined {
  const hex = binaryDigits(operand);
  const length = column.length ?? 0;
  if (hex === undefined || hex.length / 2 > length) return undefined;
  return [{ type: "binary", hex: column.dataType === "binary" ? hex.padEnd(length * 2, "0") : hex }];
}

function binaryDigits(operand: LiteralOperand): string | undefined {
  if (operand.literal.type === "binary") return operand.literal.hex;
  if (operand.form !== "string" || operand.texts.length !== 1 || operand.spacesMayDiffer) return undefined;
  const [text = ""] = operand.texts;
  return isAscii(text) ? Buffer.from(text, "latin1").toString("hex") : undefined;
}

/** A member of an ENUM or SET by its exact name; by number or combined they are another text. */
function storedMember(column: ColumnDefinition, operand: LiteralOperand): readonly Literal[] | undefined {
  if (operand.form !== "string" || operand.texts.length !== 1 || operand.spacesMayDiffer) return undefined;
  const [text = ""] = operand.texts;
  const members: readonly string[] = column.columnType.match(/'(?:[^']|'')*'/gu) ?? [];
  return isAscii(text) && members.includes(`'${text}'`) ? [{ type: "string", value: text }] : undefined;
}

function storedTime(column: ColumnDefinition, operand: LiteralOperand): readonly Literal[] | undefined {
  if (operand.form !== "string" && operand.form !== "temporal") return undefined;
  const time = readCanonicalTime(onlyText(operand));
  if (time === undefined || time.dateOnly !== (column.dataType === "date")) return undefined;
  const fraction = time.text.split(".")[1] ?? "";
  if (fraction.length > (column.datetimePrecision ?? 0)) return undefined;
  return [{ type: "string", value: time.text }];
}

function storedTimeOfDay(column: ColumnDefinition, operand: LiteralOperand): readonly Literal[] | undefined {
  const text = onlyText(operand);
  if (operand.form !== "string" || !isCanonicalTimeOfDay(text)) return undefined;
  const fraction = text.split(".")[1] ?? "";
  return fraction.length > (column.datetimePrecision ?? 0) ? undefined : [operand.literal];
}

/** The literals of several columns, combined; `undefined` when one is not known or the combinations are too many. */
export function combineLiterals(
  parts: readonly (readonly Literal[] | undefined)[],
  most: number,
): readonly (readonly Literal[])[] | undefined {
  let combined: readonly (readonly Literal[])[] = [[]];
  for (const part of parts) {
    if (part === undefined || part.length * combined.length > most) return undefined;
    const [only] = part;
    if (part.length === 1 && only !== undefined && combined.length === 1) combined = [[...(combined[0] ?? []), only]];
    else combined = combined.flatMap((start) => part.map((literal) => [...start, literal]));
  }
  return combined;
}
