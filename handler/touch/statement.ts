/** One statement's text, or a stored program's → what it may have changed. */
import { readBodyTokens } from "./body";
import { Cursor } from "./cursor";
import { readTokens } from "./quoteModes";
import { Run, type StatementContext } from "./run";
import type { RowValues } from "./rowValues";
import { readStatements } from "./statementKinds";
import { Tokens } from "./tokens";
import type { StatementEffects } from "./touch";
import { readTruncated } from "./truncated";

export type { StatementContext } from "./run";

/** ER_PARSE_ERROR: nothing ran, unless it came from a statement built at run time. */
const parseError = 1064;
const runsOtherText = /call|exec/iu;

/** Its arrays cost more to make than a statement to read. No reading outlives the call that it is for. */
const reused = new Tokens();

/** Never throws, and takes time and memory in proportion to the text. */
export function readStatement(text: string, context: StatementContext): StatementEffects {
  const run = new Run(context);
  if (context.retcode === parseError && !context.truncated && !runsOtherText.test(text)) return run.effects();
  const accepted = context.retcode === 0 && !context.truncated;
  // Old plugins and Aurora put a space for each of these; a text that has one was not changed.
  const spacesMayDiffer = context.dialect === "aurora" && !/[\n\t]/u.test(text);
  const { tokens, mode, others } = readTokens(text, accepted, reused);
  const cursor = new Cursor(tokens, { mode, spacesMayDiffer, accepted });
  // A comment to the end of a line has lost its end there.
  const lostNewline = spacesMayDiffer && tokens.firstLineComment !== -1;
  if (context.truncated) readTruncated(cursor, run);
  else if (others.length > 0 || isDoubtful(tokens) || lostNewline) widenUnread(text, run);
  else readStatements(cursor, run);
  return run.effects();
}

/**
 * The effects of every statement that a stored program's text holds, run or not.
 *
 * @param localNames its parameters.
 * @param rowValues of a trigger: what is known of the row that it runs for.
 */
export function readBody(
  body: string,
  context: StatementContext,
  localNames: readonly string[],
  rowValues: RowValues = new Map(),
): StatementEffects {
  const { tokens, mode, others } = readTokens(body, true, reused);
  const run = new Run(context);
  run.hideColumns(localNames.map((name) => name.toLowerCase()));
  run.rowValues = rowValues;
  run.isPlainDml = false;
  const cursor = new Cursor(tokens, { mode, spacesMayDiffer: false, accepted: true });
  if (others.length > 0 || isDoubtful(tokens)) run.widen(body, "unparsable");
  else readBodyTokens(cursor, run);
  return run.effects();
}

const schemaWords = /\b(?:create|alter|drop|rename)\b/iu;

function widenUnread(text: string, run: Run): void {
  run.widen(text, "unparsable");
  run.schemaChange = schemaWords.test(text);
  run.programChange = run.schemaChange;
}

/** What the server saw may be other tokens than these. */
function isDoubtful(tokens: Tokens): boolean {
  return tokens.broken || tokens.uncertain || tokens.hasOptionalCode;
}
