/** What a statement tells of the rows for which it fires a trigger. */
import type { RowOperand } from "../touch/operands";
import { rowValue, type RowValues } from "../touch/rowValues";
import type { IndexedTable, TableIndex } from "../touch/tableIndex";
import type { Literal, Touch, Write } from "../touch/touch";
import { touchedValues } from "./cascade";
import { sameTable, type StoredProgram } from "./catalog";
import type { ColumnDefinition } from "./definition";

type Trigger = Extract<StoredProgram, { type: "trigger" }>;

/**
 * The values of NEW and OLD, as far as literals of the statement tell them.
 *
 * @param touches of the statement, the table's among them; `undefined`: not known.
 */
export function triggerRows(
  trigger: Trigger,
  write: Write,
  touches: readonly Touch[] | undefined,
  tables: TableIndex,
): RowValues {
  const values = new Map<string, RowOperand>();
  const [table, ...others] = tables.find(trigger.table.database, trigger.table.table);
  // Without its database the statement may speak of another table of this name.
  if (table === undefined || others.length > 0 || write.database === undefined) return values;
  const own = touches?.filter((touch) => sameTable(touch.table, table.definition.name)) ?? [];
  for (const name of table.definition.readByTriggers ?? []) {
    const column = table.column(name);
    if (column === undefined) continue;
    if (trigger.event === "insert") add(values, "new", column, write.inserted?.get(name), false);
    else {
      add(values, "old", column, oldLiterals(table, column, own), column.nullable);
      if (trigger.event === "update") add(values, "new", column, newLiterals(table, column, own), column.nullable);
    }
  }
  return values;
}

function add(
  values: Map<string, RowOperand>,
  row: "new" | "old",
  column: ColumnDefinition,
  literals: readonly Literal[] | undefined,
  nullable: boolean,
): void {
  const value = literals === undefined ? undefined : rowValue(column, literals, nullable);
  if (value !== undefined) values.set(`${row}.${column.name.toLowerCase()}`, value);
}

function oldLiterals(
  table: IndexedTable,
  column: ColumnDefinition,
  touches: readonly Touch[],
): readonly Literal[] | undefined {
  return ofEvery(touches, (touch) => touchedValues(table, column, touch));
}

/** Keys that an UPDATE gives to rows are among the touched ones. */
function newLiterals(
  table: IndexedTable,
  column: ColumnDefinition,
  touches: readonly Touch[],
): readonly Literal[] | undefined {
  const name = column.name.toLowerCase();
  const { setBeforeUpdate } = table.definition;
  if (setBeforeUpdate === "all" || setBeforeUpdate.has(name)) return undefined;
  return ofEvery(touches, (touch) => {
    if (touch.kind === "keys") return touchedValues(table, column, touch);
    const assigned = touch.assigned[column.name];
    if (assigned !== undefined) return [assigned];
    return touch.changed === "all" || touch.changed.includes(name) ? undefined : touchedValues(table, column, touch);
  });
}

function ofEvery(
  touches: readonly Touch[],
  literalsOf: (touch: Extract<Touch, { kind: "keys" | "where" }>) => readonly Literal[] | undefined,
): readonly Literal[] | undefined {
  const all = touches.map((touch) => (touch.kind === "keys" || touch.kind === "where" ? literalsOf(touch) : undefined));
  return all.every((literals) => literals !== undefined) ? all.flat() : undefined;
}
