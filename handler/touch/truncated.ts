/** A text that was cut: what follows the cut can name more tables, wherever the grammar allows it. */
import type { Cursor } from "./cursor";
import { keyword, keywords } from "./keywords";
import { readTableName, type Run } from "./run";
import type { IndexedTable } from "./tableIndex";

const word = {
  into: keyword("into"),
  set: keyword("set"),
  where: keyword("where"),
  update: keyword("update"),
  delete: keyword("delete"),
  table: keyword("table"),
  create: keyword("create"),
};

const insertVerbs = keywords("insert replace");
const modifiers = keywords("low_priority delayed high_priority ignore");
const schemaVerbs = keywords("create alter drop rename");
/** Statements that write no rows of their own, whatever follows. */
const readingVerbs = keywords(
  "select values do set start commit rollback savepoint release xa lock unlock kill flush grant revoke help reset purge " +
    "check checksum optimize cache show use handler prepare deallocate explain describe desc",
);

export function readTruncated(cursor: Cursor, run: Run): void {
  run.isPlainDml = false;
  while (cursor.atOpening()) cursor.position++;
  const verb = cursor.keyword();
  cursor.position++;
  const tables = tablesBeforeCut(cursor, run, verb);
  run.schemaChange = schemaVerbs.has(verb);
  run.noteCalls(cursor, 0, cursor.tokens.count, []);
  if (tables === undefined) run.widenToEverything(cursor.tokens.text, "truncated");
  run.touchAll(tables ?? [], "truncated");
  run.mayCallAnything = true;
}

/** The tables that the statement can write at most; `undefined`: the cut came before that was told. */
function tablesBeforeCut(cursor: Cursor, run: Run, verb: number): readonly IndexedTable[] | undefined {
  if (insertVerbs.has(verb)) {
    cursor.skipAny(modifiers);
    cursor.accept(word.into);
    return tableBeforeCut(cursor, run);
  }
  if (verb === word.update) return tablesBefore(cursor, run, word.set);
  if (verb === word.delete) return tablesBefore(cursor, run, word.where);
  if (verb === word.create && cursor.accept(word.table)) return tableBeforeCut(cursor, run);
  const startsStatement = verb === word.set && cursor.keyword() === keyword("statement");
  const analyzes = cursor.keyword() === keyword("analyze");
  return readingVerbs.has(verb) && !startsStatement && !analyzes ? [] : undefined;
}

/** One table, whose name is whole only when something follows it. */
function tableBeforeCut(cursor: Cursor, run: Run): readonly IndexedTable[] | undefined {
  const name = readTableName(cursor, run);
  if (name === undefined || cursor.position >= cursor.tokens.count || cursor.symbol() === 0x2e) return undefined;
  run.write(name, "unknown");
  return run.find(name);
}

/** Everything that is named before a word which ends the list of tables. */
function tablesBefore(cursor: Cursor, run: Run, end: number): readonly IndexedTable[] | undefined {
  const { tokens } = cursor;
  const start = tokens.start(cursor.position);
  cursor.skipTo(new Set([end]));
  if (cursor.keyword() !== end) return undefined;
  const text = tokens.text.slice(start, tokens.start(cursor.position));
  run.widen(text, "truncated");
  return [];
}
