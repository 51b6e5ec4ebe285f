/** `a = 1, t.b = b + 1`: the assignments of UPDATE, of INSERT .. SET and of ON DUPLICATE KEY UPDATE. */
import type { ColumnDefinition } from "../source/definition";
import { comma, dot, type Cursor } from "./cursor";
import { ExpressionReader, type Scope } from "./expression";
import { endsItem, readLiteral } from "./literals";
import { unknownOperand, type Operand } from "./operands";
import type { Run } from "./run";
import { symbols } from "./tokens";
import type { IndexedTable } from "./tableIndex";
import { storedLiterals } from "./stored";
import type { Literal } from "./touch";

export interface Assignment {
  /** One to three names; the last is the column's. */
  readonly path: readonly string[];
  /** Tokens of the value, the end excluded. */
  readonly start: number;
  readonly end: number;
}

/** The assignments at the cursor; `undefined` when they are not understood. */
export function readAssignments(cursor: Cursor, ends: ReadonlySet<number>): readonly Assignment[] | undefined {
  const assignments: Assignment[] = [];
  do {
    const path: string[] = [];
    do {
      const name = cursor.readName();
      if (name === undefined) return undefined;
      path.push(name);
    } while (cursor.acceptSymbol(dot));
    if (!cursor.acceptSymbol(0x3d) && !cursor.acceptSymbol(symbols.assign)) return undefined;
    const start = cursor.position;
    cursor.skipToComma(ends);
    assignments.push({ path, start, end: cursor.position });
  } while (cursor.acceptSymbol(comma));
  return assignments;
}

export function assignedName(assignment: Assignment): string {
  return assignment.path[assignment.path.length - 1] ?? "";
}

/** What is assigned: a literal if the value is nothing else, otherwise unknown. The cursor stays where it is. */
export function assignedOperand(cursor: Cursor, assignment: Assignment, scope: Scope, run: Run): Operand {
  const { position } = cursor;
  cursor.position = assignment.start;
  const operand = readItem(cursor, assignment.end, scope, run);
  cursor.position = position;
  return operand;
}

/** The operand that reaches exactly to a token; unknown when that is not so. */
function readItem(cursor: Cursor, end: number, scope: Scope, run: Run): Operand {
  const start = cursor.position;
  const literal = readLiteral(cursor);
  if (literal !== undefined && cursor.position === end) return literal;
  cursor.position = start;
  const reader = new ExpressionReader(cursor, scope, run.comparison);
  const operand = reader.readOperand();
  return reader.failed || cursor.position !== end ? unknownOperand : operand;
}

/** The item of a list at the cursor, which then stands behind it. */
export function readListItem(cursor: Cursor, ends: ReadonlySet<number>, scope: Scope, run: Run): Operand {
  const start = cursor.position;
  const literal = readLiteral(cursor);
  if (literal !== undefined && endsItem(cursor)) return literal;
  cursor.position = start;
  cursor.skipToComma(ends);
  const end = cursor.position;
  cursor.position = start;
  const operand = readItem(cursor, end, scope, run);
  cursor.position = end;
  return operand;
}

/** `a = a` and `a = t.a`: the row's own value. */
export function isSelfAssignment(cursor: Cursor, assignment: Assignment, scope: Scope, run: Run): boolean {
  const operand = assignedOperand(cursor, assignment, scope, run);
  return operand.kind === "value" && operand.column?.name.toLowerCase() === assignedName(assignment).toLowerCase();
}

/** Lower-case names of the columns that an UPDATE of these assignments may change; `"all"`: not known. */
export function changedColumns(table: IndexedTable, assignments: readonly Assignment[]): readonly string[] | "all" {
  const { setBeforeUpdate } = table.definition;
  if (setBeforeUpdate === "all") return "all";
  const changed = new Set(assignments.map((assignment) => assignedName(assignment).toLowerCase()));
  for (const name of table.changedByEveryUpdate) changed.add(name);
  return [...changed];
}

/** Columns that certainly hold a literal after an UPDATE of these assignments. */
export function assignedLiterals(
  cursor: Cursor,
  table: IndexedTable,
  assignments: readonly Assignment[],
  scope: Scope,
  run: Run,
): Readonly<Record<string, Literal>> {
  const { setBeforeUpdate } = table.definition;
  const assigned: Record<string, Literal> = {};
  if (setBeforeUpdate === "all") return assigned;
  const names = assignments.map((assignment) => assignedName(assignment).toLowerCase());
  for (const [index, assignment] of assignments.entries()) {
    const name = names[index] ?? "";
    const column = table.column(name);
    // MariaDB without strict mode takes a value for a generated column, and ignores it.
    if (column === undefined || column.generated || setBeforeUpdate.has(name)) continue;
    if (names.lastIndexOf(name) !== names.indexOf(name)) continue;
    const literal = certainLiteral(column, assignedOperand(cursor, assignment, scope, run));
    if (literal !== undefined) assigned[column.name] = literal;
  }
  return assigned;
}

function certainLiteral(column: ColumnDefinition, operand: Operand): Literal | undefined {
  if (operand.kind === "literal" && operand.form === "null") {
    // A TIMESTAMP may become the current time instead.
    return column.nullable && column.dataType !== "timestamp" ? operand.literal : undefined;
  }
  const literals = storedLiterals(column, operand);
  return literals?.length === 1 ? literals[0] : undefined;
}
