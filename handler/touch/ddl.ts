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
};

const tableWords = keywords("table tables sequence");
const databaseWords = keywords("database schema");
/** Objects that stand behind what statements write. */
const programWords = keywords("trigger procedure function event view index package");
/** Objects that no row depends on. */
const otherWords = keywords("user role server tablespace undo logfile instance resource spatial");
const objectWords = new Set([...tableWords, ...databaseWords, ...programWords, ...otherWords]);

/** Behind the verb; false: not understood. */
export function readSchemaChange(cursor: Cursor, run: Run, verb: number): boolean {
  const start = cursor.position;
  while (!cursor.atEnd() && !cursor.atOpening() && !objectWords.has(cursor.keyword())) cursor.position++;
  const object = cursor.keyword();
  if (otherWords.has(object)) return true;
  run.schemaChange = true;
  cursor.position++;
  if (programWords.has(object)) return true;
  if (databaseWords.has(object)) return verb !== word.drop || readDropDatabase(cursor, run);
  if (!tableWords.has(object)) return false;
  if (isTemporary(cursor, start)) {
    run.schemaChange = false;
    return true;
  }
  if (verb === word.create && readCreateTable(cursor, run)) return true;
  touchNamedTables(cursor, run, start);
  return true;
}

function isTemporary(cursor: Cursor, start: number): boolean {
  for (let index = start; index < cursor.position; index++) {
    if (cursor.tokens.keyword(index) === word.temporary) return true;
  }
  return false;
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
