/** The reading of one statement: what it is read with, and the effects found so far. */
import type { Dialect } from "../log/record";
import type { ClockBounds } from "./clock";
import type { ComparisonContext } from "./comparison";
import type { Cursor } from "./cursor";
import { isBuiltIn, isPureBeforeParenthesis } from "./keywords";
import { namesIn, type IndexedTable, type TableIndex } from "./tableIndex";
import type { RowOperand } from "./operands";
import type { RowValues } from "./rowValues";
import { tokenKinds, type Tokens } from "./tokens";
import type { StatementEffects, Touch, WideningReason, Write } from "./touch";

export interface StatementContext {
  /** Default database of the session; empty: not known, so that an unqualified name may be that table in any database. */
  readonly database: string;
  readonly dialect: Dialect;
  readonly truncated: boolean;
  /** Error number of the statement; `undefined`: not known. */
  readonly retcode: number | undefined;
  readonly tables: TableIndex;
  /** When the statement can have run; without it every comparison with the clock is unknown. */
  readonly now: ClockBounds | undefined;
}

/** A table as a statement names it. */
export interface NamedTable {
  /** `undefined`: unqualified, and the default database is not known. */
  readonly database: string | undefined;
  readonly table: string;
}

export class Run {
  readonly context: StatementContext;
  readonly database: string | undefined;
  comparison: ComparisonContext;
  /** Lower-case names of variables, which hide columns; NEW and OLD are among them in a trigger. */
  localNames: ReadonlySet<string> = new Set();
  /** Lower-case names of the statement's common table expressions, which hide tables. */
  readonly queryNames = new Set<string>();
  readonly touches: Touch[] = [];
  readonly writes: Write[] = [];
  readonly calls = new Set<string>();
  /** Of the row that a trigger's body is read for. */
  rowValues: RowValues = new Map();
  schemaChange = false;
  programChange = false;
  tablesGone = false;
  mayCallAnything = false;
  /** So far only plain INSERT, REPLACE, UPDATE and DELETE, which a failure undoes in transactional tables. */
  isPlainDml = true;

  constructor(context: StatementContext) {
    this.context = context;
    const database = context.database.startsWith("`") ? context.database.slice(1, -1) : context.database;
    this.database = database === "" ? undefined : database;
    this.comparison = { now: context.now, isMysql: context.dialect !== "mariadb" };
  }

  knownRowValue(path: readonly string[]): RowOperand | undefined {
    return path.length === 2 ? this.rowValues.get(path.join(".").toLowerCase()) : undefined;
  }

  hideColumns(names: Iterable<string>): void {
    this.localNames = new Set([...this.localNames, ...names]);
  }

  find(name: NamedTable): readonly IndexedTable[] {
    return this.context.tables.find(name.database, name.table);
  }

  write(name: NamedTable, operation: Write["operation"], more: Pick<Write, "assigns" | "inserted"> = {}): void {
    this.writes.push({ database: name.database, table: name.table, operation, ...more });
  }

  touchAll(tables: Iterable<IndexedTable>, reason: WideningReason): void {
    for (const { definition } of tables) this.touches.push({ kind: "all", table: definition.name, reason });
  }

  /** The text is not understood: it may write every table that it names, and run anything. */
  widen(text: string, reason: WideningReason): void {
    this.touchAll(this.context.tables.namedIn(text), reason);
    for (const table of namesIn(text)) this.write({ database: undefined, table }, "unknown");
    this.mayCallAnything = true;
  }

  /** The statement may write any table. */
  widenToEverything(text: string, reason: WideningReason): void {
    this.widen(text, reason);
    this.touchAll(this.context.tables.all, reason);
  }

  /** Notes every name before a `(` that is no built-in function. `notCalls`: token numbers of other names there. */
  noteCalls(cursor: Cursor, from: number, to: number, notCalls: readonly number[]): void {
    const { tokens } = cursor;
    for (let index = from + 1; index < to; index++) {
      if (tokens.symbol(index) !== 0x28) continue;
      const kind = tokens.kind(index - 1);
      if (kind !== tokenKinds.word && kind !== tokenKinds.quotedName && kind !== tokenKinds.doubleQuoted) continue;
      if (isPure(tokens, index - 1) || notCalls.includes(index - 1)) continue;
      this.calls.add(pathEndingAt(cursor, index - 1));
    }
  }

  effects(): StatementEffects {
    const { retcode, tables } = this.context;
    const failed = retcode !== undefined && retcode !== 0 && !uncertainErrors.has(retcode);
    const undone = failed && this.isPlainDml && this.calls.size === 0 && !this.mayCallAnything;
    const touches = undone ? this.touches.filter(({ table }) => !tables.isTransactional(table)) : this.touches;
    return {
      touches: withoutDoubles(touches),
      writes: this.writes,
      calls: [...this.calls],
      schemaChange: this.schemaChange,
      programChange: this.programChange,
      tablesGone: this.tablesGone,
      undone,
      mayCallAnything: this.mayCallAnything,
    };
  }
}

/**
 * Errors that can come after the commit, when the answer is sent or the connection is closed: ER_SERVER_SHUTDOWN,
 * ER_NET_PACKETS_OUT_OF_ORDER to ER_NET_WRITE_INTERRUPTED, ER_ERROR_DURING_COMMIT, ER_NEW_ABORTING_CONNECTION,
 * ER_QUERY_INTERRUPTED, ER_CONNECTION_KILLED.
 */
const uncertainErrors: ReadonlySet<number> = new Set([
  1053, 1156, 1157, 1158, 1159, 1160, 1161, 1180, 1184, 1317, 1927,
]);

/** A table that is touched whole needs no other touch, and `id = NULL` names no key at all. */
function withoutDoubles(all: readonly Touch[]): readonly Touch[] {
  const touches = all.filter((touch) => touch.kind !== "keys" || touch.keys.length > 0);
  if (touches.length < 2) return touches;
  const whole = new Map(touches.filter(({ kind }) => kind === "all").map((touch) => [touch.table, touch]));
  return touches.filter((touch) => (whole.get(touch.table) ?? touch) === touch);
}

/** Behind a dot, and some built-ins behind a space as well, the name is that of a stored function. */
function isPure(tokens: Tokens, index: number): boolean {
  const id = tokens.keyword(index);
  if (!isPureBeforeParenthesis(id) || tokens.symbol(index - 1) === 0x2e) return false;
  return tokens.end(index) === tokens.start(index + 1) || !isBuiltIn(id);
}

/** `db.name` or `name`, without quotes. */
function pathEndingAt(cursor: Cursor, index: number): string {
  const name = cursor.nameAt(index) ?? "";
  if (cursor.tokens.symbol(index - 1) !== 0x2e) return name;
  const qualifier = cursor.nameAt(index - 2);
  return qualifier === undefined ? name : `${qualifier}.${name}`;
}

/** A table's name at the cursor: `t`, `db.t` or `.t`. */
export function readTableName(cursor: Cursor, run: Run): NamedTable | undefined {
  cursor.acceptSymbol(0x2e);
  const first = cursor.readName();
  if (first === undefined) return undefined;
  if (!cursor.acceptSymbol(0x2e)) return { database: run.database, table: first };
  const second = cursor.readName();
  return second === undefined ? undefined : { database: first, table: second };
}
