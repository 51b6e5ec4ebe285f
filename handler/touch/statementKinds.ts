/** What a statement does, by its first word. */
import { readBodyTokens } from "./body";
import { comma, type Cursor } from "./cursor";
import { readSchemaChange } from "./ddl";
import { readDelete } from "./delete";
import { readInsert } from "./insert";
import { keyword, keywords } from "./keywords";
import { readLiteral } from "./literals";
import { readTableName, type Run } from "./run";
import type { WideningReason } from "./touch";
import { readUpdate } from "./update";

const word = {
  statement: keyword("statement"),
  for: keyword("for"),
  analyze: keyword("analyze"),
  table: keyword("table"),
  immediate: keyword("immediate"),
  not: keyword("not"),
  into: keyword("into"),
  index: keyword("index"),
  as: keyword("as"),
  recursive: keyword("recursive"),
  instance: keyword("instance"),
};

/** The words that a statement can have behind WITH, EXPLAIN ANALYZE and SET STATEMENT. */
export const mainVerbs = keywords("select insert replace update delete values table");
const analyzeOptions = keywords("table local no_write_to_binlog");

interface Step {
  readonly cursor: Cursor;
  readonly run: Run;
  readonly verb: number;
  /** Tokens before a `(` that name no function. */
  readonly notCalls: number[];
}

/** Behind its first word; false: not understood. */
type Kind = (step: Step) => boolean;

const kinds = new Map<number, Kind>();

function define(list: string, kind: Kind): void {
  for (const id of keywords(list)) kinds.set(id, kind);
}

define("insert", ({ cursor, run, notCalls }) => readInsert(cursor, run, "insert", notCalls));
define("replace", ({ cursor, run, notCalls }) => readInsert(cursor, run, "replace", notCalls));
define("update", ({ cursor, run }) => readUpdate(cursor, run));
define("delete", ({ cursor, run }) => readDelete(cursor, run));
define("with", readWith);
define("set", readSet);
define("call", readCall);
define("execute", readExecute);
define("begin if case loop while repeat for", readCompound);
define("analyze", readAnalyze);
define("explain describe desc", readExplain);
define("truncate", readTruncate);
define("load", readLoad);
define("import", readImport);
define("clone", readClone);
define("binlog", ({ run }) => {
  run.isPlainDml = false;
  run.widenToEverything("", "unknown-statement");
  return true;
});
define("create alter drop rename", ({ cursor, run, verb }) => {
  run.isPlainDml = false;
  return readSchemaChange(cursor, run, verb);
});
/** These write rows only through the functions that they call. */
define(
  "select values table do start commit rollback savepoint release xa lock unlock kill flush grant revoke help reset purge " +
    "check checksum optimize cache show use handler prepare deallocate get signal resignal shutdown restart change install " +
    "uninstall declare open fetch close return leave iterate",
  () => true,
);

/** Every statement of a text. */
export function readStatements(cursor: Cursor, run: Run): void {
  while (cursor.position < cursor.tokens.count) {
    if (!cursor.atEnd()) readOne(cursor, run);
    cursor.position++;
  }
}

/** The statement at the cursor, up to its semicolon or the end. */
export function readOne(cursor: Cursor, run: Run): void {
  const start = cursor.position;
  const notCalls: number[] = [];
  const isKnown = kinds.has(cursor.keyword()) || cursor.atOpening();
  const understood = readKind(cursor, run, notCalls);
  skipToEnd(cursor);
  const end = cursor.position;
  const text = understood ? "" : textBetween(cursor, start, end);
  // A verb that nobody knows may write tables that it does not name.
  if (!isKnown) run.widenToEverything(text, "unknown-statement");
  else if (!understood) run.widen(text, "unknown-statement");
  run.noteCalls(cursor, start, end, notCalls);
}

function readKind(cursor: Cursor, run: Run, notCalls: number[]): boolean {
  while (cursor.atOpening()) cursor.position++;
  const verb = cursor.keyword();
  const kind = kinds.get(verb);
  if (kind === undefined) return false;
  cursor.position++;
  return kind({ cursor, run, verb, notCalls });
}

function skipToEnd(cursor: Cursor): void {
  while (!cursor.atEnd()) cursor.position++;
}

function textBetween(cursor: Cursor, start: number, end: number): string {
  return cursor.tokens.text.slice(cursor.tokens.start(start), cursor.tokens.start(end));
}

/** `WITH x AS (..) UPDATE ..`: the names before the parentheses hide tables. */
function readWith({ cursor, run, notCalls }: Step): boolean {
  cursor.accept(word.recursive);
  do {
    const name = cursor.readName();
    if (name === undefined) return false;
    run.queryNames.add(name.toLowerCase());
    if (cursor.atOpening()) {
      notCalls.push(cursor.position - 1);
      cursor.skipGroup();
    }
    if (!cursor.accept(word.as) || !cursor.atOpening()) return false;
    cursor.skipGroup();
    // MariaDB: CYCLE .. RESTRICT
    while (!cursor.atEnd() && cursor.symbol() !== comma && !cursor.atOpening() && !mainVerbs.has(cursor.keyword())) {
      cursor.position++;
    }
  } while (cursor.acceptSymbol(comma));
  return readKind(cursor, run, notCalls);
}

/** `SET STATEMENT a = b FOR ..` runs a statement; every other SET only calls functions. */
function readSet({ cursor, run, notCalls }: Step): boolean {
  if (!cursor.accept(word.statement)) return true;
  // The clock is one of the variables that can be set.
  run.comparison = { ...run.comparison, now: undefined };
  cursor.skipTo(new Set([word.for]));
  return cursor.accept(word.for) && readKind(cursor, run, notCalls);
}

function readCall({ cursor, run }: Step): boolean {
  run.isPlainDml = false;
  const name = readTableName(cursor, run);
  if (name === undefined) return false;
  const qualified = cursor.tokens.symbol(cursor.position - 2) === 0x2e;
  run.calls.add(qualified && name.database !== undefined ? `${name.database}.${name.table}` : name.table);
  return true;
}

/** The prepared text was seen by nobody here; only EXECUTE IMMEDIATE shows it. */
function readExecute({ cursor, run }: Step): boolean {
  run.isPlainDml = false;
  if (cursor.accept(word.immediate)) {
    const inner = readLiteral(cursor);
    if (inner?.kind === "literal") run.widen(inner.texts.join(" "), "unknown-statement");
  }
  run.widenToEverything("", "unknown-statement");
  return true;
}

/** Plain BEGIN starts a transaction; BEGIN NOT ATOMIC, IF, CASE and loops hold statements. */
function readCompound({ cursor, run, verb }: Step): boolean {
  if (verb === keyword("begin") && cursor.keyword() !== word.not) return true;
  run.isPlainDml = false;
  cursor.position--;
  readBodyTokens(cursor, run);
  return true;
}

/** MariaDB's ANALYZE runs the statement; ANALYZE TABLE only reads it. */
function readAnalyze({ cursor, run, notCalls }: Step): boolean {
  if (analyzeOptions.has(cursor.keyword())) return true;
  cursor.skipTo(mainVerbs);
  return readKind(cursor, run, notCalls);
}

function readExplain({ cursor, run, notCalls }: Step): boolean {
  if (!cursor.accept(word.analyze)) return true;
  cursor.skipTo(mainVerbs);
  return readKind(cursor, run, notCalls);
}

function readTruncate({ cursor, run }: Step): boolean {
  run.isPlainDml = false;
  cursor.accept(word.table);
  return touchWhole(cursor, run, "truncate");
}

/** LOAD DATA and LOAD XML .. INTO TABLE t. */
function readLoad({ cursor, run }: Step): boolean {
  run.isPlainDml = false;
  if (cursor.keyword() === word.index) return true;
  const { tokens } = cursor;
  while (!cursor.atEnd() && !(cursor.keyword() === word.into && tokens.keyword(cursor.position + 1) === word.table)) {
    cursor.position++;
  }
  cursor.position += 2;
  return touchWhole(cursor, run, "load-data");
}

function touchWhole(cursor: Cursor, run: Run, reason: WideningReason): boolean {
  const name = readTableName(cursor, run);
  if (name === undefined) return false;
  run.write(name, reason === "truncate" ? "ddl" : "unknown");
  run.touchAll(run.find(name), reason);
  return true;
}

/** CLONE INSTANCE FROM replaces everything that the server holds; CLONE LOCAL only reads it. */
function readClone({ cursor, run }: Step): boolean {
  run.isPlainDml = false;
  if (cursor.keyword() !== word.instance) return true;
  run.schemaChange = true;
  run.programChange = true;
  run.widenToEverything("", "ddl");
  return true;
}

/** IMPORT TABLE FROM 'files': MyISAM tables appear, under names that the text does not tell. */
function readImport({ run }: Step): boolean {
  run.isPlainDml = false;
  run.schemaChange = true;
  run.touchAll(
    run.context.tables.all.filter(({ definition }) => !definition.transactional),
    "ddl",
  );
  return true;
}
