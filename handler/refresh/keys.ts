import { keyColumns, keyLiteral, type RoutePlan } from "../routes/plan";
import type { Row } from "../sql/connection";
import { literal, tuple, type SqlText, type Value } from "../sql/text";
import type { Literal } from "../touch/touch";

/** One row's key as SQL, the same text at source and target: both sides have one type and collation for it. */
export type KeyText = SqlText;

export function keyFromLiterals(key: readonly Literal[]): KeyText {
  return tuple(key.map(literal));
}

/** `bytes`: the key's values in the key's order, as `keyReads` reads them. */
export function keyFromRow(plan: RoutePlan, bytes: readonly Value[]): KeyText {
  return tuple(keyLiterals(plan, bytes));
}

export function keyLiterals(plan: RoutePlan, bytes: readonly Value[]): readonly SqlText[] {
  return plan.key.map((column, index) => keyLiteral(column, bytes[index] ?? null));
}

/** The key of a row that was read with all copied columns. */
export function keyOfRow(plan: RoutePlan, row: Row): KeyText {
  return keyFromRow(
    plan,
    plan.keyPositions.map((position) => row[position] ?? null),
  );
}

/** `key IN (..)`; false for no keys. */
export function keyIn(plan: RoutePlan, side: "source" | "target", keys: readonly KeyText[]): SqlText {
  return keys.length === 0 ? "FALSE" : `${tuple(keyColumns(plan, side))} IN (${keys.join(", ")})`;
}

/** `key > position` in the key's order, written out so that the index serves composite keys too. */
export function keyAfter(
  plan: RoutePlan,
  side: "source" | "target",
  position: readonly Value[] | undefined,
  operator: ">" | "<=" = ">",
): SqlText {
  if (position === undefined) return "TRUE";
  const columns = keyColumns(plan, side);
  const values = keyLiterals(plan, position);
  const strict = operator === ">" ? ">" : "<";
  const last = columns.length - 1;
  const alternatives = columns.map((column, index) => {
    const equal = columns.slice(0, index).map((name, before) => `${name} = ${values[before] ?? "NULL"}`);
    const comparison = `${column} ${index === last ? operator : strict} ${values[index] ?? "NULL"}`;
    return `(${[...equal, comparison].join(" AND ")})`;
  });
  return `(${alternatives.join(" OR ")})`;
}

/** A key position as JSON for a state table: each value's bytes in base64. */
export function encodePosition(values: readonly Value[]): readonly (string | null)[] {
  return values.map((bytes) => bytes?.toString("base64") ?? null);
}

export function decodePosition(encoded: readonly (string | null)[]): readonly Value[] {
  return encoded.map((field) => (field === null ? null : Buffer.from(field, "base64")));
}
