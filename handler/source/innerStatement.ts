/** Recognises statements that a trigger ran, which MariaDB logs like those of clients. */
import { keywords } from "../touch/keywords";
import { readTokens } from "../touch/quoteModes";
import { tokenKinds, Tokens } from "../touch/tokens";

const dot = 0x2e;

const writingVerbs = keywords("insert replace update delete");
/** Behind the first of these stand expressions .. */
const expressionWords = keywords("set values value select where");
/** .. unless one of these brings tables again. */
const tableWords = keywords("from join straight_join table into using with");

const mentionsRow = /\b(?:new|old)\b[`"]?\s*\./iu;

/**
 * The text names a column of a trigger's row and can mean nothing else. No client can run it with success: NEW.x outside
 * a trigger is a column of a table that goes by that name, and the text names none.
 */
export function runsInTrigger(text: string): boolean {
  if (!mentionsRow.test(text)) return false;
  const { tokens, others } = readTokens(text, true, new Tokens());
  const doubtful = tokens.broken || tokens.uncertain || tokens.hasOptionalCode;
  if (others.length > 0 || doubtful || !writingVerbs.has(tokens.keyword(0))) return false;
  let inExpressions = false;
  let found = false;
  for (let index = 0; index < tokens.count; index++) {
    const id = tokens.keyword(index);
    if (inExpressions && tableWords.has(id)) return false;
    if (expressionWords.has(id)) inExpressions = true;
    if (!isRowName(tokens, index)) continue;
    // `db.new`, `FROM t AS new`, and a database of this name: `new.t.x`.
    const isColumn = tokens.symbol(index - 1) !== dot && tokens.symbol(index + 1) === dot;
    if (!isColumn || tokens.symbol(index + 3) === dot) return false;
    if (inExpressions) found = true;
  }
  return found;
}

function isRowName(tokens: Tokens, index: number): boolean {
  const kind = tokens.kind(index);
  if (kind === tokenKinds.word) return /^(?:new|old)$/iu.test(tokens.slice(index));
  return (
    (kind === tokenKinds.quotedName || kind === tokenKinds.doubleQuoted) &&
    /^.(?:new|old).$/iu.test(tokens.slice(index))
  );
}

/** Line breaks and tabs may be spaces in the log. */
export function withPlainSpaces(text: string): string {
  return text.replace(/[\r\n\t]/gu, " ").trim();
}
