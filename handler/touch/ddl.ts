/** CREATE, ALTER, DROP and RENAME: whole tables change, and pictures of tables and programs become old. */
import type { Cursor } from "./cursor";
import { keyword, keywords } from "./keywords";
import { readTableName, type Run } from "./run";

const word = {
  temporary: keyword("temporary"),
  if: keyword("if"),
  not: keyword("not"),
  exists: keyword("exists"),
  create: keyword("create"),
  drop: keyword("drop"),
  rename: keyword("rename"),
  foreign: keyword("foreign"),
  index: keyword("index"),
  unique: keyword("unique"),
  replace: keyword("replace"),
};

const equals = 0x3d;
const tableWords = keywords("table tables sequence");
const databaseWords = keywords("database schema");
/** Objects that stand behind what statements write. */
const programWords = keywords("trigger procedure function event view package");
/** Those that hold statements, with semicolons between them. */
const bodyWords = keywords("trigger procedure function event package");
/** Objects that no row depends on. */
const otherWords = keywords("user role server tablespace undo logfile instance resource spatial");
const objectWords = new Set([...tableWords, ...databaseWords, ...programWords, ...otherWords, word.index]);

/** Behind the verb; false: not understood. */
export function readSchemaChange(cursor: Cursor, run: Run, verb: number): boolean {
  const start = cursor.position;
  while (!cursor.atEnd() && !cursor.atOpening() && !objectWords.has(cursor.keyword())) {
    // A definer, or another option's value, may be called like an object: DEFINER = user@localhost, or CURRENT_USER().
    const isValueNext = cursor.symbol() === equals;
    cursor.position += isValueNext ? 2 : 1;
    if (isValueNext && cursor.atOpening()) cursor.skipGroup();
  }
  const object = cursor.keyword();
  if (otherWords.has(object)) return true;
  run.schemaChange = true;
  cursor.position++;
  if (programWords.has(object)) {
    readProgramChange(cursor, run, { start, verb, object });
    return true;
  }
  if (object === word.index) {
    // Only unique ones tell which rows an upsert writes, and which key identifies rows.
    const isPlain = verb === word.create && !stands(cursor, start, word.unique);
    if (!isPlain) touchNamedTables(cursor, run, start);
    return true;
  }
  if (databaseWords.has(object)) {
    const drops = verb === word.drop || stands(cursor, start, word.replace);
    if (drops) run.programChange = true;
    return !drops || readDropDatabase(cursor, run);
  }
  if (!tableWords.has(object)) return false;
  if (stands(cursor, start, word.temporary)) {
    run.schemaChange = false;
    return true;
  }
  const drops = verb === word.drop || stands(cursor, start, word.replace);
  if (drops || verb === word.rename || takesEffectsAlong(cursor)) run.tablesGone = true;
  if (verb === word.create && readCreateTable(cursor, run)) return true;
  touchNamedTables(cursor, run, start);
  return true;
}

/** `ALTER TABLE .. RENAME [TO]` or `.. DROP FOREIGN KEY`; to rename a column or add a key is as rare. */
function takesEffectsAlong(cursor: Cursor): boolean {
  const { tokens } = cursor;
  for (let index = cursor.position; index < tokens.count && tokens.symbol(index) !== 0x3b; index++) {
    const id = tokens.keyword(index);
    if (id === word.rename || id === word.foreign) return true;
  }
  return false;
}

/** The word stands between a token and the cursor. */
function stands(cursor: Cursor, start: number, id: number): boolean {
  for (let index = start; index < cursor.position; index++) if (cursor.tokens.keyword(index) === id) return true;
  return false;
}

/**
 * Statements that ran after this one may have been read without knowing of it, and statements that ran before it will be
 * read without knowing what stood there.
 */
function readProgramChange(
  cursor: Cursor,
  run: Run,
  { start, verb, object }: { readonly start: number; readonly verb: number; readonly object: number },
): void {
  if (verb !== word.create || stands(cursor, start, word.replace)) run.programChange = true;
  if (bodyWords.has(object)) cursor.position = cursor.tokens.count;
  else while (!cursor.atEnd()) cursor.position++;
  if (verb !== word.create) return;
  const { tokens } = cursor;
  run.widen(tokens.text.slice(tokens.start(start), tokens.start(cursor.position)), "ddl");
}

/** A table is made anew, empty or from a query; what it refers to stays as it is. */
function readCreateTable(cursor: Cursor, run: Run): boolean {
  skipExists(cursor);
  const name = readTableName(cursor, run);
  if (name === undefined) return false;
  run.write(name, "ddl");
  run.touchAll(run.find(name), "ddl");
  return true;
}

function skipExists(cursor: Cursor): void {
  if (cursor.accept(word.if)) {
    cursor.accept(word.not);
    cursor.accept(word.exists);
  }
}

/** ALTER, DROP and RENAME can take other tables along: RENAME TO, EXCHANGE PARTITION .. WITH TABLE, lists. */
function touchNamedTables(cursor: Cursor, run: Run, start: number): void {
  const { tokens } = cursor;
  while (!cursor.atEnd()) cursor.position++;
  const text = tokens.text.slice(tokens.start(start), tokens.start(cursor.position));
  run.touchAll(run.context.tables.namedIn(text), "ddl");
}

function readDropDatabase(cursor: Cursor, run: Run): boolean {
  skipExists(cursor);
  const name = cursor.readName();
  if (name === undefined) return false;
  run.touchAll(run.context.tables.ofDatabase(name), "ddl");
  return true;
}
