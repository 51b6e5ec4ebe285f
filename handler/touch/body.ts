/**
 * Compound statements: the bodies of triggers, procedures, functions and events, and BEGIN NOT ATOMIC. Every statement in
 * them counts as run. Variables are not followed: they only hide columns.
 */
import { comma, type Cursor } from "./cursor";
import { keyword, keywords } from "./keywords";
import type { Run } from "./run";
import { readOne } from "./statementKinds";
import { tokenKinds } from "./tokens";

const word = {
  begin: keyword("begin"),
  not: keyword("not"),
  end: keyword("end"),
  case: keyword("case"),
  while: keyword("while"),
  for: keyword("for"),
  in: keyword("in"),
  declare: keyword("declare"),
  handler: keyword("handler"),
  until: keyword("until"),
};

const colon = 0x3a;
const openWords = keywords("else loop repeat");
const conditionWords = keywords("if elseif when");
const thenWord = keywords("then");
const doWord = keywords("do");

/** The statements at the cursor, up to the end of the text. */
export function readBodyTokens(cursor: Cursor, run: Run): void {
  run.hideColumns(declaredNames(cursor));
  while (cursor.position < cursor.tokens.count) {
    const start = cursor.position;
    if (cursor.atEnd()) {
      cursor.position++;
      continue;
    }
    if (readControl(cursor)) {
      run.noteCalls(cursor, start, cursor.position, []);
      continue;
    }
    readOne(cursor, run);
  }
}

/** Names of variables, cursors and loop records anywhere in the body, and the rows of a trigger. */
function declaredNames(cursor: Cursor): ReadonlySet<string> {
  const { tokens } = cursor;
  const names = new Set(["new", "old"]);
  for (let index = cursor.position; index < tokens.count; index++) {
    const id = tokens.keyword(index);
    if (id === word.for && tokens.keyword(index + 2) === word.in) addName(cursor, names, index + 1);
    if (id !== word.declare) continue;
    do addName(cursor, names, ++index);
    while (tokens.symbol(++index) === comma);
  }
  return names;
}

function addName(cursor: Cursor, names: Set<string>, index: number): void {
  const name = cursor.nameAt(index);
  if (name !== undefined) names.add(name.toLowerCase());
}

/** Steps over words that only steer; false: a statement stands here. */
function readControl(cursor: Cursor): boolean {
  const { tokens } = cursor;
  const id = cursor.keyword();
  if (tokens.symbol(cursor.position + 1) === colon) {
    cursor.position += 2;
    return true;
  }
  if (id === word.begin) {
    cursor.position += tokens.keyword(cursor.position + 1) === word.not ? 3 : 1;
    return true;
  }
  if (openWords.has(id)) {
    cursor.position++;
    return true;
  }
  if (conditionWords.has(id)) return skipPast(cursor, thenWord);
  if (id === word.case) return skipPast(cursor, thenWord);
  if (id === word.while) return skipPast(cursor, doWord);
  if (id === word.for) return skipPast(cursor, doWord);
  if (id === word.declare) return readDeclare(cursor);
  if (id !== word.end && id !== word.until) return false;
  while (!cursor.atEnd()) cursor.position++;
  return true;
}

/** Past the next of these words; a condition before it may hold CASE expressions. */
function skipPast(cursor: Cursor, words: ReadonlySet<number>): true {
  cursor.position++;
  while (!cursor.atEnd() && !words.has(cursor.keyword())) cursor.skipItem();
  if (!cursor.atEnd()) cursor.position++;
  return true;
}

/** DECLARE .. HANDLER FOR conditions is followed by a statement; any other DECLARE ends with itself. */
function readDeclare(cursor: Cursor): true {
  while (!cursor.atEnd() && cursor.keyword() !== word.handler) cursor.position++;
  if (cursor.atEnd()) return true;
  // HANDLER FOR
  cursor.position += 2;
  do readHandlerCondition(cursor);
  while (cursor.acceptSymbol(comma));
  return true;
}

/** SQLSTATE [VALUE] '02000', NOT FOUND, SQLEXCEPTION, 1062 or a name. */
function readHandlerCondition(cursor: Cursor): void {
  const isNotFound = cursor.keyword() === word.not;
  cursor.position += isNotFound ? 2 : 1;
  if (isNotFound) return;
  if (cursor.keyword() === keyword("value")) cursor.position++;
  if (cursor.kind() === tokenKinds.string) cursor.position++;
}
