/** What an expression of a statement comes to, as far as the closed grammar goes. */
import type { ColumnDefinition } from "../source/definition";
import type { Expression, Literal, Predicate } from "./touch";

/** Classes of values that compare in the same way on every server and in every session. */
export type ValueClass =
  | "integer"
  | "decimal"
  | "float"
  | "bit"
  | "year"
  | "text"
  /** CHAR: its trailing spaces depend on sql_mode, so only comparisons that ignore them are safe. */
  | "char"
  | "enum"
  | "binary"
  | "date"
  | "datetime"
  | "timestamp"
  | "time"
  | "uuid"
  | "json";

/** An expression over own columns. */
export interface ValueOperand {
  readonly kind: "value";
  readonly valueClass: ValueClass;
  readonly expression: Expression;
  /** text and char: of the column that it is made of. */
  readonly collation: string | undefined;
  readonly characterSet: string | undefined;
  /** Set when it is a plain column. */
  readonly column: ColumnDefinition | undefined;
  /** Some sessions read NULL where others read a (zero) date, so only comparisons that NULL fails are safe. */
  readonly nullDependsOnSession: boolean;
}

export type LiteralForm = "null" | "integer" | "decimal" | "real" | "string" | "hexString" | "hexNumber" | "temporal";

export interface LiteralOperand {
  readonly kind: "literal";
  readonly form: LiteralForm;
  /** For a string: its first text. */
  readonly literal: Literal;
  /** string: every text that it may stand for, spaces as logged; else empty. */
  readonly texts: readonly string[];
  /** string: each of its spaces may stand for another white space character. */
  readonly spacesMayDiffer: boolean;
  /** string: as given by COLLATE. */
  readonly collation: string | undefined;
}

/** The clock when the statement ran, shifted by intervals: only bounds of it are known. */
export interface ClockOperand {
  readonly kind: "clock";
  /** `local`: in the session's time zone, which is not known; `unix`: seconds since the epoch. */
  readonly scale: "local" | "utc" | "unix";
  /** Without its time of day. */
  readonly dateOnly: boolean;
  readonly shifts: readonly Interval[];
  /** How far the real time may be on either side of what the shifts give. */
  readonly marginMs: number;
}

/** A column's time moved by intervals; it only compares with the clock. */
export interface ShiftedOperand {
  readonly kind: "shifted";
  readonly value: ValueOperand;
  readonly shifts: readonly Interval[];
}

/** How many units a column's time lies before the clock; it only compares with numbers. */
export interface AgeOperand {
  readonly kind: "age";
  readonly value: ValueOperand;
  readonly clock: ClockOperand;
  readonly unit: Interval;
}

export interface Interval {
  /** Negative for `- INTERVAL`. */
  readonly amount: number;
  readonly unit: "month" | "second" | "microsecond";
}

/** A column of the row that a trigger runs for: equal to one of the literals, by the column's own comparison. */
export interface RowOperand {
  readonly kind: "rowValue";
  readonly column: ColumnDefinition;
  readonly literals: readonly Literal[];
  readonly mayBeNull: boolean;
}

export type Operand =
  | RowOperand
  | ValueOperand
  | LiteralOperand
  | ClockOperand
  | ShiftedOperand
  | AgeOperand
  | { readonly kind: "condition"; readonly predicate: Predicate }
  | { readonly kind: "row"; readonly items: readonly Operand[] }
  | { readonly kind: "unknown" };

export const unknownOperand: Operand = { kind: "unknown" };
export const unknownPredicate: Predicate = { kind: "unknown" };

export function numberOperand(form: "integer" | "decimal" | "real", text: string): LiteralOperand {
  return {
    kind: "literal",
    form,
    literal: { type: "number", text },
    texts: [],
    spacesMayDiffer: false,
    collation: undefined,
  };
}

export const nullOperand: LiteralOperand = {
  kind: "literal",
  form: "null",
  literal: { type: "null" },
  texts: [],
  spacesMayDiffer: false,
  collation: undefined,
};

export function stringOperand(texts: readonly [string, ...string[]], spacesMayDiffer = false): LiteralOperand {
  const literal: Literal = { type: "string", value: texts[0] };
  return { kind: "literal", form: "string", literal, texts, spacesMayDiffer, collation: undefined };
}

export function binaryOperand(form: "hexString" | "hexNumber", hex: string): LiteralOperand {
  return {
    kind: "literal",
    form,
    literal: { type: "binary", hex },
    texts: [],
    spacesMayDiffer: false,
    collation: undefined,
  };
}

/** A literal of a touch as it would be read from a text. */
export function literalOperand(literal: Literal): LiteralOperand {
  switch (literal.type) {
    case "null":
      return nullOperand;
    case "number":
      return numberOperand(/^-?\d+$/u.test(literal.text) ? "integer" : "decimal", literal.text);
    case "string":
      return stringOperand([literal.value]);
    case "binary":
      return binaryOperand("hexString", literal.hex);
  }
}

/** A date or time in canonical form, as `DATE '..'` or the folding of one. */
export function temporalOperand(text: string): LiteralOperand {
  const literal: Literal = { type: "string", value: text };
  return { kind: "literal", form: "temporal", literal, texts: [], spacesMayDiffer: false, collation: undefined };
}

const classByType: ReadonlyMap<string, ValueClass> = new Map<string, ValueClass>([
  ...["tinyint", "smallint", "mediumint", "int", "bigint"].map((type) => [type, "integer"] as const),
  ["decimal", "decimal"],
  ["float", "float"],
  ["double", "float"],
  ["bit", "bit"],
  ["year", "year"],
  ["char", "char"],
  ...["varchar", "tinytext", "text", "mediumtext", "longtext"].map((type) => [type, "text"] as const),
  ["enum", "enum"],
  ["set", "enum"],
  ...["binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob"].map((type) => [type, "binary"] as const),
  ["date", "date"],
  ["datetime", "datetime"],
  ["timestamp", "timestamp"],
  ["time", "time"],
  ["uuid", "uuid"],
  ["json", "json"],
]);

/** `undefined` for types that are not compared (GEOMETRY, INET6, VECTOR, ...). */
export function classOf(column: ColumnDefinition): ValueClass | undefined {
  return classByType.get(column.dataType);
}

const numberClasses = new Set(["integer", "decimal", "float", "bit", "year"]);
const textClasses = new Set(["text", "char"]);
const dateClasses = new Set(["date", "datetime"]);

export function isNumeric(value: ValueOperand): boolean {
  return numberClasses.has(value.valueClass);
}

export function isText(value: ValueOperand): boolean {
  return textClasses.has(value.valueClass);
}

export function isDate(value: ValueOperand): boolean {
  return dateClasses.has(value.valueClass);
}

export function columnOperand(column: ColumnDefinition): Operand {
  const valueClass = classOf(column);
  if (valueClass === undefined) return unknownOperand;
  return {
    kind: "value",
    valueClass,
    expression: { kind: "column", name: column.name },
    collation: column.collation,
    characterSet: column.characterSet,
    column,
    nullDependsOnSession: false,
  };
}
