/**
 * One statement's text → what it may have changed. INSERT, REPLACE, UPDATE and DELETE are read closely; everything else
 * widens to the tables that the text names, and a text that may name others where it was cut widens to all of them.
 */
import { Cursor } from "./cursor";
import { readSchemaChange } from "./ddl";
import { readDelete } from "./delete";
import { readInsert } from "./insert";
import { keyword, keywords } from "./keywords";
import { readTokens } from "./quoteModes";
import { readAlias, skipTableSuffix } from "./references";
import { readTableName, Run, type StatementContext } from "./run";
import { tokenKinds, Tokens } from "./tokens";
import type { StatementEffects, WideningReason } from "./touch";
import { readUpdate } from "./update";

export type { StatementContext } from "./run";

const word = {
  set: keyword("set"),
  statement: keyword("statement"),
  for: keyword("for"),
  with: keyword("with"),
  into: keyword("into"),
  from: keyword("from"),
  insert: keyword("insert"),
  replace: keyword("replace"),
  update: keyword("update"),
  delete: keyword("delete"),
  begin: keyword("begin"),
  not: keyword("not"),
  truncate: keyword("truncate"),
  load: keyword("load"),
  execute: keyword("execute"),
  call: keyword("call"),
};

const rowVerbs = keywords("insert replace update delete");
const schemaVerbs = keywords("create alter drop rename");
const modifiers = keywords("low_priority high_priority delayed quick ignore");
/** What ends the table list of an UPDATE or DELETE. */
const afterTables = keywords("set where order limit returning");
/** Statements that write no rows but through the routines that they call. */
const readVerbs = keywords(
  "select do values table call show use start commit rollback savepoint release xa lock unlock kill flush grant revoke " +
    "help reset purge check checksum explain describe desc handler prepare deallocate get signal resignal begin set",
);

/** The effects of one statement. Never throws; what is not understood selects more, not less. */
export function readStatement(text: string, context: StatementContext): StatementEffects {
  const accepted = context.retcode === 0 && !context.truncated;
  const { tokens, mode, others } = readTokens(text, accepted, new Tokens());
  const isAurora = context.dialect === "aurora";
  const cursor = new Cursor(tokens, { mode, spacesMayDiffer: isAurora, accepted });
  const run = new Run(context);
  const doubtful = tokens.broken || tokens.uncertain || others.length > 0 || tokens.hasOptionalCode;
  const isCutByComment = isAurora && tokens.firstLineComment !== -1;
  if (context.truncated) readCut(cursor, run);
  else if (doubtful || isCutByComment) {
    // Any routine may be called in the part that is not seen as the server saw it.
    run.mayCallAnything = true;
    widen(cursor, run, "unparsable");
  } else readWhole(cursor, run);
  return run.effects();
}

/** The effects of a stored program: its statements are not read one by one, so whole tables. */
export function readBody(body: string, context: StatementContext, _localNames: readonly string[]): StatementEffects {
  const { tokens, mode } = readTokens(body, false, new Tokens());
  const run = new Run(context);
  const cursor = new Cursor(tokens, { mode, spacesMayDiffer: false, accepted: false });
  if (tokens.broken || tokens.uncertain) run.mayCallAnything = true;
  widen(cursor, run, "trigger");
  return run.effects();
}

/** Every synchronised table whose name stands in the text, and every name as one that may be written. */
function widen(cursor: Cursor, run: Run, reason: WideningReason): void {
  const { tokens } = cursor;
  run.touchAll(run.context.tables.namedIn(tokens.text), reason);
  const names = new Set<string>();
  for (let index = 0; index < tokens.count; index++) {
    const kind = tokens.kind(index);
    if (kind !== tokenKinds.word && kind !== tokenKinds.quotedName && kind !== tokenKinds.doubleQuoted) continue;
    const name = cursor.nameAt(index);
    if (name !== undefined) names.add(name);
  }
  for (const table of names) run.write({ database: undefined, table }, "unknown");
  for (let index = 0; index + 1 < tokens.count; index++) {
    if (tokens.keyword(index) !== word.call) continue;
    const first = cursor.nameAt(index + 1);
    if (first !== undefined) run.calls.add(first);
    const second = cursor.nameAt(index + 3);
    if (second !== undefined) run.calls.add(second);
  }
  run.noteCalls(cursor, 0, tokens.count, []);
}

function readWhole(cursor: Cursor, run: Run): void {
  while (cursor.atOpening) cursor.position++;
  if (cursor.keyword === word.set && cursor.tokens.keyword(cursor.position + 1) === word.statement) {
    cursor.skipTo(new Set([word.for]));
    cursor.position++;
  }
  const verb = cursor.keyword;
  if (hasSecondStatement(cursor)) {
    widen(cursor, run, "unknown-statement");
    run.schemaChange = true;
  } else if (rowVerbs.has(verb)) readRowVerb(cursor, run, verb);
  else if (schemaVerbs.has(verb)) readSchemaVerb(cursor, run, verb);
  else if (verb === word.truncate) {
    widen(cursor, run, "truncate");
    run.schemaChange = true;
  } else if (verb === word.load) widen(cursor, run, "load-data");
  else if (verb === word.execute) {
    run.mayCallAnything = true;
    run.touchAll(run.context.tables.all, "unknown-statement");
  } else if (readsOnly(cursor, verb)) noteRoutines(cursor, run, verb);
  else widen(cursor, run, "unknown-statement");
}

function readsOnly(cursor: Cursor, verb: number): boolean {
  if (cursor.atEnd) return true;
  // BEGIN NOT ATOMIC is a compound statement.
  return readVerbs.has(verb) && !(verb === word.begin && cursor.tokens.keyword(cursor.position + 1) === word.not);
}

function noteRoutines(cursor: Cursor, run: Run, verb: number): void {
  if (verb === word.call) {
    cursor.position++;
    const name = readTableName(cursor, run);
    if (name === undefined) run.mayCallAnything = true;
    else run.calls.add(name.database === undefined ? name.table : `${name.database}.${name.table}`);
  }
  run.noteCalls(cursor, 0, cursor.tokens.count, []);
}

function readSchemaVerb(cursor: Cursor, run: Run, verb: number): void {
  cursor.position++;
  if (!readSchemaChange(cursor, run, verb)) {
    widen(cursor, run, "ddl");
    run.schemaChange = true;
  }
}

/** A failed statement is undone whole where it only touched transactional tables and called nothing. */
function readRowVerb(cursor: Cursor, run: Run, verb: number): void {
  const closely = new Run(run.context);
  const notCalls: number[] = [];
  const understood = readRows(cursor, closely, verb, notCalls);
  if (understood) closely.noteCalls(cursor, 0, cursor.tokens.count, notCalls);
  else widen(cursor, closely, "unparsable");
  const { retcode, tables } = run.context;
  const failed = retcode !== undefined && retcode !== 0;
  const isUndone = tables.namedIn(cursor.tokens.text).every(({ definition }) => definition.transactional);
  if (failed && understood && isUndone && closely.calls.size === 0) return;
  run.touches.push(...closely.touches);
  run.writes.push(...closely.writes);
  for (const call of closely.calls) run.calls.add(call);
}

function readRows(cursor: Cursor, run: Run, verb: number, notCalls: number[]): boolean {
  cursor.position++;
  if (verb === word.update) return readUpdate(cursor, run);
  if (verb === word.delete) return readDelete(cursor, run);
  return readInsert(cursor, run, verb === word.replace ? "replace" : "insert", notCalls);
}

function hasSecondStatement({ tokens }: Cursor): boolean {
  for (let index = 0; index + 1 < tokens.count; index++) {
    if (tokens.symbol(index) === 0x3b && tokens.symbol(index + 1) !== 0x3b) return true;
  }
  return false;
}

/** The text ends somewhere: what it named behind that place is not known. */
function readCut(cursor: Cursor, run: Run): void {
  run.mayCallAnything = true;
  const verb = cursor.keyword;
  if (readVerbs.has(verb) && verb !== word.call && verb !== word.set && verb !== word.begin) return;
  const only = rowVerbs.has(verb) ? readOnlyTable(cursor, run, verb) : undefined;
  if (only === undefined) {
    run.schemaChange = schemaVerbs.has(verb);
    run.touchAll(run.context.tables.all, "truncated");
    return;
  }
  run.write(only, "unknown");
  run.touchAll(run.find(only), "truncated");
}

/** The table that a row statement writes, where its list of tables certainly ended before the cut. */
function readOnlyTable(cursor: Cursor, run: Run, verb: number): ReturnType<typeof readTableName> {
  cursor.position++;
  cursor.skipAny(modifiers);
  const inserts = verb === word.insert || verb === word.replace;
  if (inserts) cursor.accept(word.into);
  else if (verb === word.delete && !cursor.accept(word.from)) return undefined;
  const name = readTableName(cursor, run);
  if (name === undefined || cursor.atEnd || inserts) return cursor.atEnd ? undefined : name;
  skipTableSuffix(cursor);
  readAlias(cursor);
  return afterTables.has(cursor.keyword) ? name : undefined;
}
