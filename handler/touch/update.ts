/** UPDATE of one table or of several. */
import {
  assignedLiterals,
  assignedName,
  assignedOperand,
  changedColumns,
  isSelfAssignment,
  readAssignments,
  type Assignment,
} from "./assignments";
import type { Cursor } from "./cursor";
import type { Scope } from "./expression";
import { keyword, keywords } from "./keywords";
import { readAlias, readConditions, readFactors, skipTableSuffix, type Factors } from "./references";
import { keyColumnValues, touchRows } from "./rowsTouch";
import { readTableName, type Run } from "./run";
import { combineLiterals, storedLiterals } from "./stored";
import type { IndexedTable } from "./tableIndex";
import { exposedName, sameName, TableScope, type TableFactor } from "./tableScope";
import type { Literal, Predicate, Touch } from "./touch";

const wordSet = keyword("set");
const wordWhere = keyword("where");
const modifiers = keywords("low_priority ignore");
const endOfTables = keywords("set");
const endOfClause = keywords("where order limit returning");

/** Behind UPDATE; false: not understood. */
export function readUpdate(cursor: Cursor, run: Run): boolean {
  cursor.skipAny(modifiers);
  const start = cursor.position;
  let factors = readSingleTable(cursor, run);
  if (factors === undefined) {
    cursor.position = start;
    factors = readFactors(cursor, run, endOfTables);
  }
  if (factors === undefined || !cursor.accept(wordSet)) return false;
  const assignments = readAssignments(cursor, endOfClause);
  if (assignments === undefined) return false;
  const places = cursor.accept(wordWhere) ? [cursor.position, ...factors.innerConditions] : factors.innerConditions;
  const end = cursor.position;
  const knownColumns = columnsOf(run, factors);
  for (const factor of factors.list) updateFactor(cursor, run, { factors, factor, assignments, places, knownColumns });
  cursor.position = end;
  return true;
}

function columnsOf(run: Run, { list }: Factors): ReadonlySet<string> {
  const names = new Set<string>();
  if (list.length === 1) return names;
  for (const { name } of list) {
    if (name === undefined) continue;
    for (const { definition } of run.find(name))
      for (const column of definition.columns) names.add(column.name.toLowerCase());
  }
  return names;
}

/** `t [PARTITION (..)] [FOR PORTION OF ..] [[AS] x] SET`; `undefined` when more than one table follows. */
function readSingleTable(cursor: Cursor, run: Run): Factors | undefined {
  const name = readTableName(cursor, run);
  if (name === undefined) return undefined;
  const splitsRows = skipTableSuffix(cursor);
  const alias = readAlias(cursor);
  return cursor.keyword() === wordSet ? { list: [{ name, alias }], innerConditions: [], splitsRows } : undefined;
}

interface FactorUpdate {
  readonly factors: Factors;
  readonly factor: TableFactor;
  readonly assignments: readonly Assignment[];
  /** Where the conditions start that every updated row fulfils. */
  readonly places: readonly number[];
  /** Lower-case names of all columns of the tables that are known. A column that is not among them may be of any. */
  readonly knownColumns: ReadonlySet<string>;
}

function updateFactor(cursor: Cursor, run: Run, update: FactorUpdate): void {
  const { factors, factor, assignments, places } = update;
  const { name } = factor;
  if (name === undefined) return;
  const tables = run.find(name);
  const mine = assignments.filter((assignment) => mayBelong(assignment, update, tables));
  if (mine.length === 0) return;
  run.write(name, "update", { assigns: mine.map((assignment) => assignedName(assignment).toLowerCase()) });
  for (const table of tables) {
    if (factors.splitsRows) {
      run.touchAll([table], "unknown-key");
      continue;
    }
    const scope = new TableScope(run, table, factor, factors.list);
    const predicate = readConditions(cursor, run, scope, places);
    run.touches.push(...updateTouches(cursor, run, { table, scope, predicate, assignments: mine }));
  }
}

/** The assignment may be to a column of this table. */
function mayBelong(assignment: Assignment, update: FactorUpdate, tables: readonly IndexedTable[]): boolean {
  const { path } = assignment;
  const { factor, factors } = update;
  if (path.length === 2) return sameName(path[0], exposedName(factor));
  if (path.length === 3) return sameName(path[1], factor.name?.table);
  if (factors.list.length === 1 || tables.length === 0) return true;
  const name = assignedName(assignment);
  return tables.some((table) => table.column(name) !== undefined) || !update.knownColumns.has(name.toLowerCase());
}

export interface RowsUpdate {
  readonly table: IndexedTable;
  readonly scope: Scope;
  readonly predicate: Predicate | undefined;
  readonly assignments: readonly Assignment[];
}

function updateTouches(cursor: Cursor, run: Run, update: RowsUpdate): readonly Touch[] {
  const { table, scope, predicate, assignments } = update;
  if (table.keyMayChangeUnseen) return [{ kind: "all", table: table.definition.name, reason: "key-change" }];
  const rows = touchRows(table, predicate, () => ({
    operation: "update",
    changed: changedColumns(table, assignments),
    assigned: assignedLiterals(cursor, table, assignments, scope, run),
  }));
  if (rows.kind === "all" || !assignsKey(cursor, run, update)) return [rows];
  const newKeys = keysAfter(cursor, run, update);
  if (newKeys === undefined) return [{ kind: "all", table: rows.table, reason: "key-change" }];
  if (rows.kind === "keys") return [{ ...rows, keys: [...rows.keys, ...newKeys] }];
  return [rows, { kind: "keys", table: rows.table, keys: newKeys }];
}

function assignsKey(cursor: Cursor, run: Run, { table, scope, assignments }: RowsUpdate): boolean {
  return assignments.some(
    (assignment) => table.isKeyColumn(assignedName(assignment)) && !isSelfAssignment(cursor, assignment, scope, run),
  );
}

/** The keys that rows may have afterwards; `undefined` when literals do not tell. */
function keysAfter(cursor: Cursor, run: Run, update: RowsUpdate): readonly (readonly Literal[])[] | undefined {
  const { table, scope, predicate, assignments } = update;
  const before = predicate === undefined ? [] : keyColumnValues(table, predicate);
  const after = (table.keyColumns ?? []).map((column, index) => {
    const values = assignments.filter((assignment) => sameName(assignedName(assignment), column.name));
    const [only] = values;
    if (only === undefined) return before[index];
    return values.length > 1 ? undefined : storedLiterals(column, assignedOperand(cursor, only, scope, run));
  });
  return table.keyColumns === undefined ? undefined : combineLiterals(after, maximumNewKeys);
}

const maximumNewKeys = 100;
