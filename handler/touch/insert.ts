/** INSERT and REPLACE in all their forms. */
import type { ColumnDefinition } from "../source/definition";
import {
  assignedLiterals,
  assignedName,
  assignedOperand,
  changedColumns,
  isSelfAssignment,
  readAssignments,
  readListItem,
  type Assignment,
} from "./assignments";
import { comma, dot, type Cursor } from "./cursor";
import { InsertedRows, type Given } from "./insertedRows";
import { keyword, keywords } from "./keywords";
import { classOf, unknownOperand } from "./operands";
import { selectsEverything } from "./predicate";
import { readTableName, type NamedTable, type Run } from "./run";
import type { IndexedTable } from "./tableIndex";
import { highestInteger } from "./stored";
import { EmptyScope, sameName, TableScope } from "./tableScope";
import { tokenKinds } from "./tokens";
import type { Literal, Predicate, Touch } from "./touch";

const word = {
  into: keyword("into"),
  partition: keyword("partition"),
  values: keyword("values"),
  value: keyword("value"),
  row: keyword("row"),
  set: keyword("set"),
  as: keyword("as"),
  on: keyword("on"),
  duplicate: keyword("duplicate"),
  default: keyword("default"),
  select: keyword("select"),
};

const modifiers = keywords("low_priority delayed high_priority ignore");
const queryWords = keywords("select with table values");
const onOrReturning = keywords("on returning");
const endOfList = keywords("on as returning");
const endOfAssignments = keywords("returning");

/** A trigger's one row stands for all rows that the statement named. */
const maximumTriggerKeys = 1000;

type Verb = "insert" | "replace";

interface Insert {
  readonly verb: Verb;
  readonly name: NamedTable;
  /** `undefined`: no list, so the values are for all visible columns. */
  readonly columns: readonly string[] | undefined;
  readonly updates: boolean;
}

/** Behind INSERT or REPLACE; false: not understood. `notCalls` gets the tokens that a `(` follows and that are no call. */
export function readInsert(cursor: Cursor, run: Run, verb: Verb, notCalls: number[]): boolean {
  cursor.skipAny(modifiers);
  cursor.accept(word.into);
  const name = readTableName(cursor, run);
  if (name === undefined) return false;
  notCalls.push(cursor.position - 1);
  if (cursor.accept(word.partition)) cursor.skipGroup();
  const columns = readColumnList(cursor);
  if (columns === "malformed") return false;
  const insert: Insert = { verb, name, columns, updates: verb === "insert" && hasDuplicateClause(cursor) };
  const start = cursor.position;
  const tables = run.find(name);
  const rows: (InsertedRows | "query")[] = [];
  for (const table of tables) {
    cursor.position = start;
    const read = readSource(cursor, run, insert, table);
    if (read === undefined) return false;
    rows.push(read);
  }
  if (tables.length === 0) skipQuery(cursor);
  const assignments = readDuplicateClause(cursor, notCalls);
  if (assignments === undefined) return false;
  noteWrite(run, insert, assignments, rows);
  for (const [index, table] of tables.entries()) {
    const source = rows[index] ?? "query";
    run.touches.push(...insertTouches(cursor, run, { insert, table, source, assignments }));
  }
  return true;
}

function noteWrite(
  run: Run,
  insert: Insert,
  assignments: readonly Assignment[],
  sources: readonly (InsertedRows | "query")[],
): void {
  const assigns = assignments.map((assignment) => assignedName(assignment).toLowerCase());
  const [rows, ...others] = sources;
  const inserted = rows === undefined || rows === "query" || others.length > 0 ? undefined : rows.readByTriggers();
  run.write(insert.name, insert.verb, { ...(assigns.length > 0 && { assigns }), ...(inserted && { inserted }) });
}

/** `(a, b)`, if it is there and is no query in parentheses. */
function readColumnList(cursor: Cursor): readonly string[] | undefined | "malformed" {
  if (!cursor.atOpening()) return undefined;
  const next = cursor.tokens.keyword(cursor.position + 1);
  const isQuery = queryWords.has(next) || cursor.tokens.symbol(cursor.position + 1) === 0x28;
  return isQuery ? undefined : readColumnNames(cursor);
}

function readColumnNames(cursor: Cursor): readonly string[] | "malformed" {
  cursor.position++;
  const names: string[] = [];
  while (!cursor.atClosing()) {
    let name = cursor.readName();
    while (name !== undefined && cursor.acceptSymbol(dot)) name = cursor.readName();
    if (name === undefined) return "malformed";
    names.push(name);
    if (!cursor.acceptSymbol(comma) && !cursor.atClosing()) return "malformed";
  }
  cursor.position++;
  return names;
}

function hasDuplicateClause(cursor: Cursor): boolean {
  const { tokens } = cursor;
  for (let index = tokens.count - 1; index > cursor.position; index--) {
    if (tokens.keyword(index) === word.duplicate) return true;
  }
  return false;
}

function readSource(cursor: Cursor, run: Run, insert: Insert, table: IndexedTable): InsertedRows | "query" | undefined {
  const unique = insert.verb === "replace" || insert.updates;
  const rows = new InsertedRows(table, unique, run.rowValues.size > 0 ? maximumTriggerKeys : undefined);
  if (cursor.accept(word.set)) return readSet(cursor, run, table, rows);
  const named = insert.columns?.map((name) => table.column(name));
  const columns = named ?? table.insertColumns;
  // A column that is not in the picture of the table: the picture is old.
  if (columns.some((column) => column === undefined)) rows.markUnknown();
  if (cursor.accept(word.values) || cursor.accept(word.value)) return readRows(cursor, run, table, rows, columns);
  if (cursor.keyword() === word.select) return readSelect(cursor, run, table, rows, columns);
  skipQuery(cursor);
  return "query";
}

/** To ON DUPLICATE KEY UPDATE, RETURNING or the end. True: one of the words was passed. The joins of a query have ON too. */
function skipQuery(cursor: Cursor, words: ReadonlySet<number> = new Set()): boolean {
  const stops = new Set([...onOrReturning, ...words]);
  let passed = false;
  for (;;) {
    cursor.skipTo(stops);
    if (words.has(cursor.keyword())) passed = true;
    else if (cursor.keyword() !== word.on || atDuplicateClause(cursor)) return passed;
    cursor.position++;
  }
}

function atDuplicateClause(cursor: Cursor): boolean {
  return cursor.keyword() === word.on && cursor.tokens.keyword(cursor.position + 1) === word.duplicate;
}

function readSet(cursor: Cursor, run: Run, table: IndexedTable, rows: InsertedRows): InsertedRows | undefined {
  const assignments = readAssignments(cursor, endOfList);
  if (assignments === undefined) return undefined;
  const scope = new EmptyScope(run, table);
  rows.add((column) => {
    const mine = assignments.filter((assignment) => sameName(assignedName(assignment), column.name));
    const [only] = mine;
    if (only === undefined) return "absent";
    if (mine.length > 1) return unknownOperand;
    if (only.end === only.start + 1 && cursor.tokens.keyword(only.start) === word.default) return "default";
    return assignedOperand(cursor, only, scope, run);
  });
  return rows;
}

type Columns = readonly (ColumnDefinition | undefined)[];

/** `(1, 'a'), (2, 'b')` and `ROW(1, 'a'), ..`. */
function readRows(
  cursor: Cursor,
  run: Run,
  table: IndexedTable,
  rows: InsertedRows,
  columns: Columns,
): InsertedRows | undefined {
  const reader = new RowReader(cursor, run, table, rows, columns);
  do {
    cursor.accept(word.row);
    if (!cursor.atOpening()) return undefined;
    cursor.position++;
    reader.read();
    if (!cursor.atClosing()) return undefined;
    cursor.position++;
  } while (cursor.acceptSymbol(comma));
  return rows;
}

/** Reads lists of values, of which most columns do not matter. */
class RowReader {
  readonly #cursor: Cursor;
  readonly #run: Run;
  readonly #rows: InsertedRows;
  readonly #columns: Columns;
  readonly #scope: EmptyScope;
  readonly #given = new Map<ColumnDefinition, Given>();
  readonly #wanted: ReadonlySet<ColumnDefinition | undefined>;

  constructor(cursor: Cursor, run: Run, table: IndexedTable, rows: InsertedRows, columns: Columns) {
    this.#cursor = cursor;
    this.#run = run;
    this.#rows = rows;
    this.#columns = columns;
    this.#scope = new EmptyScope(run, table);
    this.#wanted = new Set(rows.columns);
  }

  /** The values at the cursor, up to the end of the list. */
  read(ends: ReadonlySet<number> = new Set()): void {
    const cursor = this.#cursor;
    this.#given.clear();
    let count = 0;
    if (!cursor.atClosing()) {
      do {
        this.#value(this.#columns[count], ends);
        count++;
      } while (cursor.acceptSymbol(comma));
    }
    // An empty list stands for all defaults; any other has a value for each column.
    if (count !== 0 && count !== this.#columns.length) this.#rows.markUnknown();
    this.#rows.add((column) => this.#given.get(column) ?? "absent");
  }

  #value(column: ColumnDefinition | undefined, ends: ReadonlySet<number>): void {
    const cursor = this.#cursor;
    if (column === undefined || !this.#wanted.has(column)) {
      cursor.skipToComma(ends);
      return;
    }
    const isDefault =
      cursor.keyword() === word.default && cursor.tokens.kind(cursor.position + 1) === tokenKinds.symbol;
    if (isDefault && cursor.tokens.symbol(cursor.position + 1) !== 0x28) {
      cursor.position++;
      this.#given.set(column, "default");
    } else {
      this.#given.set(column, readListItem(cursor, ends, this.#scope, this.#run));
    }
  }
}

const endOfSelectList = keywords("from where group having order limit union except intersect minus on returning into");
const setOperations = keywords("union except intersect minus");
const selectOptions = keywords("all distinct distinctrow high_priority straight_join");

/** `SELECT 5, 'a' FROM dual WHERE NOT EXISTS (..)`: literal items are the same in every row that comes. */
function readSelect(
  cursor: Cursor,
  run: Run,
  table: IndexedTable,
  rows: InsertedRows,
  columns: Columns,
): InsertedRows | "query" {
  cursor.position++;
  cursor.skipAny(selectOptions);
  const start = cursor.position;
  cursor.skipTo(endOfSelectList);
  if (skipQuery(cursor, setOperations)) return "query";
  const end = cursor.position;
  cursor.position = start;
  new RowReader(cursor, run, table, rows, columns).read(endOfSelectList);
  cursor.position = end;
  return rows;
}

/** The assignments of ON DUPLICATE KEY UPDATE, none without it; `undefined`: not understood. */
function readDuplicateClause(cursor: Cursor, notCalls: number[]): readonly Assignment[] | undefined {
  if (cursor.accept(word.as)) {
    if (cursor.readName() === undefined) return undefined;
    if (cursor.atOpening()) {
      notCalls.push(cursor.position - 1);
      cursor.skipGroup();
    }
  }
  if (!atDuplicateClause(cursor)) return [];
  // ON DUPLICATE KEY UPDATE
  cursor.position += 4;
  return readAssignments(cursor, endOfAssignments);
}

interface InsertTouches {
  readonly insert: Insert;
  readonly table: IndexedTable;
  readonly source: InsertedRows | "query";
  readonly assignments: readonly Assignment[];
}

function insertTouches(cursor: Cursor, run: Run, { insert, table, source, assignments }: InsertTouches): Touch[] {
  const { name, uniqueKeys, partialUniqueKeys } = table.definition;
  const replaces = insert.verb === "replace" || insert.updates;
  if (source === "query") {
    const otherKeys = replaces && (uniqueKeys.length > 0 || partialUniqueKeys);
    const generated = isKeyGenerated(insert, table) && !otherKeys;
    return generated ? [{ kind: "tail", table: name }] : [{ kind: "all", table: name, reason: "insert-select" }];
  }
  if (source.unknownKey) return [{ kind: "all", table: name, reason: "unknown-key" }];
  if (insert.updates && mayMoveKey(cursor, run, table, assignments)) {
    return [{ kind: "all", table: name, reason: "key-change" }];
  }
  const touches: Touch[] = [];
  const keys = [...source.keys, ...clippedKeys(cursor, table, assignments)];
  if (keys.length > 0) touches.push({ kind: "keys", table: name, keys });
  if (source.generated) touches.push({ kind: "tail", table: name });
  const conflicts = replaces ? source.conflicts() : undefined;
  if (conflicts === undefined) return touches;
  if (selectsEverything(conflicts)) return [{ kind: "all", table: name, reason: "unknown-key" }];
  return [...touches, conflictTouch(cursor, run, { insert, table, source, assignments }, conflicts)];
}

function isKeyGenerated(insert: Insert, table: IndexedTable): boolean {
  const { autoIncrementKey } = table.definition;
  if (autoIncrementKey === undefined || table.keySetOnInsert || insert.columns === undefined) return false;
  return insert.columns.every((name) => table.column(name) !== undefined && !table.isKeyColumn(name));
}

function conflictTouch(
  cursor: Cursor,
  run: Run,
  { insert, table, assignments }: InsertTouches,
  predicate: Predicate,
): Touch {
  const { name } = table.definition;
  if (insert.verb === "replace") {
    return { kind: "where", table: name, predicate, operation: "delete", changed: [], assigned: {} };
  }
  const scope = new TableScope(run, table, { name: insert.name, alias: undefined });
  const changed = changedColumns(table, assignments);
  const assigned = assignedLiterals(cursor, table, assignments, scope, run);
  return { kind: "where", table: name, predicate, operation: "update", changed, assigned };
}

/** ON DUPLICATE KEY UPDATE gives the row that is there another key, apart from `id = id` and `id = LAST_INSERT_ID(id)`. */
function mayMoveKey(cursor: Cursor, run: Run, table: IndexedTable, assignments: readonly Assignment[]): boolean {
  if (table.keyMayChangeUnseen) return true;
  const { name } = table.definition;
  const scope = new TableScope(run, table, { name, alias: undefined });
  return assignments
    .filter((assignment) => table.isKeyColumn(assignedName(assignment)))
    .some((assignment) => {
      const inner = insideLastInsertId(cursor, assignment, table);
      return !isSelfAssignment(cursor, inner, scope, run);
    });
}

/** LAST_INSERT_ID(-3) is unsigned, so that `id = LAST_INSERT_ID(id)` gives a row with a negative key the highest one. */
function clippedKeys(
  cursor: Cursor,
  table: IndexedTable,
  assignments: readonly Assignment[],
): readonly (readonly Literal[])[] {
  const [key, ...others] = table.keyColumns ?? [];
  if (key === undefined || others.length > 0 || key.unsigned) return [];
  const calls = assignments.some((assignment) => insideLastInsertId(cursor, assignment, table) !== assignment);
  const highest = calls ? highestInteger(key) : undefined;
  return highest === undefined ? [] : [[highest]];
}

/** The argument of LAST_INSERT_ID(..), which returns it as an integer; any other assignment as it is. */
function insideLastInsertId(cursor: Cursor, assignment: Assignment, table: IndexedTable): Assignment {
  const { start, end } = assignment;
  const column = table.column(assignedName(assignment));
  if (column === undefined || classOf(column) !== "integer") return assignment;
  const { tokens } = cursor;
  const isCall = tokens.keyword(start) === keyword("last_insert_id") && tokens.symbol(start + 1) === 0x28;
  return isCall && tokens.symbol(end - 1) === 0x29 ? { ...assignment, start: start + 2, end: end - 1 } : assignment;
}
