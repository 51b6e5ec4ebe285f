/** The touch of the rows that a condition selects: by key when it names keys, else as the predicate itself. */
import type { ColumnDefinition } from "../source/definition";
import { conjuncts, selectsEverything, truePredicate } from "./predicate";
import { classOf } from "./operands";
import { combineLiterals } from "./stored";
import type { IndexedTable } from "./tableIndex";
import type { Expression, Literal, Predicate, Touch } from "./touch";

/** More keys than this come from combinations of several lists, which the predicate says more briefly. */
const maximumCombinations = 1000;

export type WhereDetails = Pick<Extract<Touch, { kind: "where" }>, "operation" | "changed" | "assigned">;

/** `predicate`: `undefined` when the statement has no condition and so touches every row. */
export function touchRows(table: IndexedTable, predicate: Predicate | undefined, details: () => WhereDetails): Touch {
  const { name } = table.definition;
  if (predicate === undefined) return { kind: "where", table: name, predicate: truePredicate, ...details() };
  const keys = keysOf(table, predicate);
  if (keys !== undefined) return { kind: "keys", table: name, keys };
  if (selectsEverything(predicate)) return { kind: "all", table: name, reason: "unknown-predicate" };
  return { kind: "where", table: name, predicate, ...details() };
}

/** The keys that a predicate allows at most; `undefined` when it does not name them by literals. */
export function keysOf(table: IndexedTable, predicate: Predicate): readonly (readonly Literal[])[] | undefined {
  const { keyColumns } = table;
  if (keyColumns === undefined) return undefined;
  const parts = conjuncts(predicate);
  const single = keyColumns.map((column) => valuesOf(column, parts));
  const [only] = single;
  if (keyColumns.length === 1) return only?.map((literal) => [literal]);
  if (single.every((values) => values !== undefined)) return combineLiterals(single, maximumCombinations);
  for (const part of parts) {
    const rows = part.kind === "rowIn" ? rowKeys(keyColumns, part) : undefined;
    if (rows !== undefined) return rows;
  }
  return undefined;
}

/** For each key column the literals that a predicate allows at most; `undefined` where it does not say. */
export function keyColumnValues(
  table: IndexedTable,
  predicate: Predicate,
): readonly (readonly Literal[] | undefined)[] {
  const parts = conjuncts(predicate);
  return (table.keyColumns ?? []).map((column) => valuesOf(column, parts));
}

/** The literals that a predicate allows at most in a column; `undefined`: it does not say. */
export function columnValues(column: ColumnDefinition, predicate: Predicate): readonly Literal[] | undefined {
  return valuesOf(column, conjuncts(predicate));
}

function valuesOf(column: ColumnDefinition, parts: readonly Predicate[]): readonly Literal[] | undefined {
  for (const part of parts) {
    const values = valuesOfPart(column, part);
    if (values !== undefined) return values;
  }
  return undefined;
}

function valuesOfPart(column: ColumnDefinition, part: Predicate): readonly Literal[] | undefined {
  switch (part.kind) {
    case "compare":
      if (part.operator !== "=" && part.operator !== "<=>") return undefined;
      return isColumn(part.left, column) ? keyLiterals(column, [part.right]) : undefined;
    case "in":
      return isColumn(part.operand, column) ? keyLiterals(column, part.values) : undefined;
    case "or": {
      const all = part.operands.map((operand) => valuesOf(column, conjuncts(operand)));
      return all.every((values) => values !== undefined) ? all.flat() : undefined;
    }
    default:
      return undefined;
  }
}

function isColumn(expression: Expression, column: ColumnDefinition): boolean {
  return expression.kind === "column" && expression.name === column.name;
}

/** Literals that are equal to one key at most. NULL equals none. */
function keyLiterals(column: ColumnDefinition, values: readonly Expression[]): readonly Literal[] | undefined {
  const literals: Literal[] = [];
  for (const value of values) {
    if (value.kind !== "literal" || !namesKey(column, value.literal)) return undefined;
    if (value.literal.type !== "null") literals.push(value.literal);
  }
  return literals;
}

/** The literal is of the column's own type, so that it finds a row by comparison without conversion. */
function namesKey(column: ColumnDefinition, literal: Literal): boolean {
  if (literal.type === "null") return true;
  switch (classOf(column)) {
    case "integer":
      return literal.type === "number" && /^-?\d+$/u.test(literal.text);
    case "decimal":
      return literal.type === "number" && /^-?\d*\.?\d*$/u.test(literal.text);
    case "text":
    case "char":
    case "date":
    case "datetime":
    case "time":
    case "uuid":
      return literal.type === "string";
    case "binary":
      return literal.type === "binary";
    default:
      return false;
  }
}

function rowKeys(
  keyColumns: readonly ColumnDefinition[],
  part: Extract<Predicate, { kind: "rowIn" }>,
): readonly (readonly Literal[])[] | undefined {
  const places = keyColumns.map((column) => part.operands.findIndex((operand) => isColumn(operand, column)));
  if (places.includes(-1)) return undefined;
  const keys: (readonly Literal[])[] = [];
  for (const row of part.rows) {
    const key = places.map((place, index) => {
      const column = keyColumns[index];
      const value = row[place];
      return column === undefined || value === undefined ? undefined : keyLiterals(column, [value])?.[0];
    });
    const literals = key.filter((literal) => literal !== undefined);
    if (literals.length !== keyColumns.length) return undefined;
    keys.push(literals);
  }
  return keys;
}
