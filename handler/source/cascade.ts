/** Which rows of a child table a foreign key's cascade may change, told by what was touched in the parent. */
import { columnValues } from "../touch/rowsTouch";
import type { IndexedTable, TableIndex } from "../touch/tableIndex";
import type { Expression, Literal, Predicate, Touch, Write } from "../touch/touch";
import { sameTable, type ForeignKey } from "./catalog";
import type { ColumnDefinition } from "./definition";

const cascading = /^(?:CASCADE|SET NULL|SET DEFAULT)$/iu;

/** The write to the parent may make the foreign key change or delete rows of the child. */
export function cascades(key: ForeignKey, write: Write): boolean {
  const deletes = cascading.test(key.onDelete);
  switch (write.operation) {
    case "delete":
    case "replace":
      return deletes;
    case "unknown":
      return deletes || cascading.test(key.onUpdate);
    case "insert":
    case "update": {
      if (!cascading.test(key.onUpdate)) return false;
      const { assigns } = write;
      return assigns === undefined
        ? write.operation === "update"
        : key.parentColumns.some((column) => assigns.includes(column.toLowerCase()));
    }
    case "ddl":
      return false;
  }
}

/** A cascade deletes the child's rows; otherwise it gives them another reference. */
function deletesRows(key: ForeignKey, write: Write): boolean {
  return (write.operation === "delete" || write.operation === "replace") && /^CASCADE$/iu.test(key.onDelete);
}

/** What the cascade does to the child, as a write of its own. */
export function cascaded(key: ForeignKey, write: Write): Write {
  if (write.operation === "unknown") return { ...key.child, operation: "unknown" };
  if (deletesRows(key, write)) return { ...key.child, operation: "delete" };
  return { ...key.child, operation: "update", assigns: key.childColumns.map((column) => column.toLowerCase()) };
}

/**
 * The touch of the child's rows that referred to the touched rows of the parent. The rows' values before the statement say
 * that, as a WHERE clause's do. `undefined`: no row of the parent was touched.
 *
 * @param touches of the statement, the parent's among them; `undefined`: not known.
 */
export function cascadeTouch(
  key: ForeignKey,
  write: Write,
  tables: TableIndex,
  child: IndexedTable,
  touches: readonly Touch[] | undefined,
): Touch | undefined {
  const { name } = child.definition;
  const widened: Touch = { kind: "all", table: name, reason: "cascade" };
  const [parent, ...others] = tables.find(key.parent.database, key.parent.table);
  if (touches === undefined || parent === undefined || others.length > 0) return widened;
  const deletes = deletesRows(key, write);
  // Another reference in the key gives rows other keys.
  if (!deletes && key.childColumns.some((column) => child.isKeyColumn(column))) return widened;
  const predicates: Predicate[] = [];
  for (const touch of touches) {
    if (!sameTable(touch.table, parent.definition.name) || touch.kind === "tail") continue;
    const predicate = touch.kind === "all" ? undefined : referring(key, parent, child, touch);
    if (predicate === undefined) return widened;
    predicates.push(predicate);
  }
  if (predicates.length === 0) return undefined;
  const predicate: Predicate = { kind: "or", operands: predicates };
  if (deletes) return { kind: "where", table: name, predicate, operation: "delete", changed: [], assigned: {} };
  const changed = [...key.childColumns.map((column) => column.toLowerCase()), ...child.changedByEveryUpdate];
  return { kind: "where", table: name, predicate, operation: "update", changed, assigned: {} };
}

/** `child.parent_id IN (1, 2)` for a touch of those parents; `undefined`: it names none of the referenced values. */
function referring(
  key: ForeignKey,
  parent: IndexedTable,
  child: IndexedTable,
  touch: Extract<Touch, { kind: "keys" | "where" }>,
): Predicate | undefined {
  const operands: Predicate[] = [];
  for (const [index, parentName] of key.parentColumns.entries()) {
    const [from, to] = [parent.column(parentName), child.column(key.childColumns[index] ?? "")];
    if (from === undefined || to === undefined || !comparesAlike(from, to)) continue;
    const values = touchedValues(parent, from, touch);
    if (values === undefined) continue;
    operands.push(equalsAny(to, values));
  }
  return operands.length === 0 ? undefined : { kind: "and", operands };
}

function equalsAny(column: ColumnDefinition, literals: readonly Literal[]): Predicate {
  // NULL refers to nothing, and an empty list is no SQL.
  if (literals.length === 0) return { kind: "or", operands: [] };
  const values = literals.map((literal): Expression => ({ kind: "literal", literal }));
  return { kind: "in", operand: { kind: "column", name: column.name }, values };
}

/** Literals of which every touched row held one in the column before the statement, unless it was NULL. */
export function touchedValues(
  parent: IndexedTable,
  column: ColumnDefinition,
  touch: Extract<Touch, { kind: "keys" | "where" }>,
): readonly Literal[] | undefined {
  if (touch.kind === "keys") {
    const place = (parent.keyColumns ?? []).indexOf(column);
    if (place === -1) return undefined;
    return touch.keys.map((key) => key[place]).filter((literal) => literal !== undefined);
  }
  return columnValues(column, touch.predicate);
}

/** Foreign keys allow other lengths of strings, and in old servers other collations. */
function comparesAlike(a: ColumnDefinition, b: ColumnDefinition): boolean {
  return a.dataType === b.dataType && a.unsigned === b.unsigned && a.collation === b.collation;
}
