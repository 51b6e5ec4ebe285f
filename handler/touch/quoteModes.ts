/**
 * Which sql_mode a statement was read with, told from the statement itself. Where the quotes end under one mode and not
 * under another, at most one reading is usually a statement that a server accepts: `'O\'Brien'` without backslash escapes
 * would be the string `O\` next to a name. A reading is only dismissed when it certainly is a syntax error, and only for
 * statements that the server accepted.
 */
import { keywords } from "./keywords";
import { defaultQuoteMode, tokenize, type QuoteMode } from "./tokenize";
import { tokenKinds, Tokens } from "./tokens";

export interface Reading {
  readonly tokens: Tokens;
  /** `undefined`: not known, and without influence on the tokens. */
  readonly mode: QuoteMode | undefined;
  /** More than one reading is possible: all of them are here, and nothing narrower than names can be taken from them. */
  readonly others: readonly Tokens[];
}

const otherModes: readonly QuoteMode[] = [
  { escapesInStrings: true, escapesInDoubleQuotes: false },
  { escapesInStrings: false, escapesInDoubleQuotes: false },
];

export function readTokens(text: string, accepted: boolean, into: Tokens): Reading {
  tokenize(text, defaultQuoteMode, into);
  if (!into.boundariesDependOnMode && !into.broken) return { tokens: into, mode: undefined, others: [] };
  const readings = [{ tokens: into, mode: defaultQuoteMode }];
  for (const mode of into.hasDoubleQuoted ? otherModes : otherModes.slice(1)) {
    const tokens = new Tokens();
    tokenize(text, mode, tokens);
    if (readings.every((reading) => !sameTokens(reading.tokens, tokens))) readings.push({ tokens, mode });
  }
  const possible = accepted ? readings.filter(({ tokens }) => !isCertainlyInvalid(tokens)) : readings;
  const [first, ...others] = possible.length > 0 ? possible : readings;
  if (first === undefined || others.length > 0) {
    return { tokens: into, mode: undefined, others: others.map(({ tokens }) => tokens) };
  }
  return { tokens: first.tokens, mode: first.mode, others: [] };
}

function sameTokens(a: Tokens, b: Tokens): boolean {
  if (a.count !== b.count) return false;
  for (let index = 0; index < a.count; index++) {
    if (a.kind(index) !== b.kind(index) || a.start(index) !== b.start(index) || a.end(index) !== b.end(index)) {
      return false;
    }
  }
  return true;
}

/** Words with which a statement may hold a string as an alias, next to a name. */
const aliasWords = keywords("select returning system_time portion with table");

/** Words that may stand directly behind a string in the statements that {@link isCertainlyInvalid} judges. */
const afterString = keywords(
  "and or xor not in is like between regexp rlike sounds member collate div mod escape when then else end where order " +
    "group having limit asc desc on as from for using separator inner outer left right cross join straight_join natural " +
    "default null error empty exists path columns of to set into union except intersect window rows against match " +
    "microsecond second minute hour day week month quarter year second_microsecond minute_microsecond minute_second " +
    "hour_microsecond hour_second hour_minute day_microsecond day_second day_minute day_hour year_month use force ignore",
);

const verbs = keywords("insert replace update delete call");

/** The tokens are no statement that any server accepts. In doubt: false. */
function isCertainlyInvalid(tokens: Tokens): boolean {
  if (tokens.broken) return true;
  if (!verbs.has(tokens.keyword(0))) return false;
  let clash = false;
  for (let index = 0; index < tokens.count; index++) {
    if (aliasWords.has(tokens.keyword(index))) return false;
    clash ||= cannotBeNeighbours(tokens, index);
  }
  return clash;
}

/** A string beside something that is neither an operator nor a word that belongs beside strings. */
function cannotBeNeighbours(tokens: Tokens, index: number): boolean {
  const left = tokens.kind(index);
  const right = tokens.kind(index + 1);
  if (left === tokenKinds.string) {
    if (right === tokenKinds.word) return !afterString.has(tokens.keyword(index + 1));
    return isOperand(right);
  }
  if (right !== tokenKinds.string) return false;
  if (left === tokenKinds.word) return tokens.keyword(index) === 0 && tokens.slice(index).charCodeAt(0) !== 0x5f;
  return isOperand(left);
}

/** Names, literals and variables; not the quoted kinds, which may follow each other as parts of one string. */
function isOperand(kind: number): boolean {
  if (kind === tokenKinds.string || kind === tokenKinds.doubleQuoted) return false;
  return kind >= tokenKinds.quotedName && kind <= tokenKinds.variable;
}
