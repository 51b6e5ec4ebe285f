/** A place in the tokens of one text, and the steps that every statement's reader takes. */
import { replacementCharacter } from "./characters";
import { keyword } from "./keywords";
import type { QuoteMode } from "./tokenize";
import { tokenKinds, type Tokens } from "./tokens";

/** What is known about a text apart from its tokens. */
export interface TextFacts {
  /** `undefined`: not known. */
  readonly mode: QuoteMode | undefined;
  /** A space inside a literal may have been a newline, a carriage return or a tab. */
  readonly spacesMayDiffer: boolean;
  /** The server accepted the statement, and all of it is here. */
  readonly accepted: boolean;
}

const openParenthesis = 0x28;
const closeParenthesis = 0x29;
const semicolon = 0x3b;
export const dot = 0x2e;
export const comma = 0x2c;

const wordCase = keyword("case");
const wordEnd = keyword("end");

export class Cursor {
  readonly tokens: Tokens;
  readonly facts: TextFacts;
  /** A "name" stood where only a name can stand: the session runs with ANSI_QUOTES. */
  ansiQuotes = false;
  position: number;

  constructor(tokens: Tokens, facts: TextFacts, position = 0) {
    this.tokens = tokens;
    this.facts = facts;
    this.position = position;
  }

  kind(): number {
    return this.tokens.kind(this.position);
  }

  keyword(): number {
    return this.tokens.keyword(this.position);
  }

  symbol(): number {
    return this.tokens.symbol(this.position);
  }

  /** At the end of the statement. */
  atEnd(): boolean {
    return this.position >= this.tokens.count || this.symbol() === semicolon;
  }

  atOpening(): boolean {
    return this.symbol() === openParenthesis;
  }

  atClosing(): boolean {
    return this.symbol() === closeParenthesis;
  }

  accept(word: number): boolean {
    if (this.keyword() !== word) return false;
    this.position++;
    return true;
  }

  acceptSymbol(code: number): boolean {
    if (this.symbol() !== code) return false;
    this.position++;
    return true;
  }

  acceptAny(among: ReadonlySet<number>): boolean {
    const found = among.has(this.keyword());
    if (found) this.position++;
    return found;
  }

  skipAny(among: ReadonlySet<number>): void {
    while (among.has(this.keyword())) this.position++;
  }

  /** A name at this place, without its quotes; `undefined` (and no step) when there is none. */
  readName(): string | undefined {
    const name = this.nameAt(this.position);
    if (name !== undefined) {
      if (this.kind() === tokenKinds.doubleQuoted) this.ansiQuotes = true;
      this.position++;
    }
    return name;
  }

  nameAt(index: number): string | undefined {
    switch (this.tokens.kind(index)) {
      case tokenKinds.word:
        return this.tokens.slice(index);
      case tokenKinds.quotedName:
        return unquote(this.tokens.slice(index), "`");
      case tokenKinds.doubleQuoted:
        return unquote(this.tokens.slice(index), '"');
      default:
        return undefined;
    }
  }

  /** Steps over a group in parentheses, at whose opening one the cursor stands, or to the end. */
  skipGroup(): void {
    let depth = 0;
    for (; this.position < this.tokens.count; this.position++) {
      const symbol = this.symbol();
      if (symbol === openParenthesis) depth++;
      else if (symbol === closeParenthesis && --depth <= 0) {
        this.position++;
        return;
      }
    }
  }

  /** Steps to the `)` that closes the group in which the cursor stands. */
  skipToClosing(): void {
    while (this.position < this.tokens.count && !this.atClosing()) {
      if (this.atOpening()) this.skipGroup();
      else this.position++;
    }
  }

  /** Steps to the first of these words outside parentheses and CASE, or to the end of the statement or group. */
  skipTo(words: ReadonlySet<number>): void {
    while (!this.atEnd() && !this.atClosing() && !words.has(this.keyword())) this.skipItem();
  }

  /** Steps to the next comma, or as {@link skipTo}. */
  skipToComma(words: ReadonlySet<number>): void {
    while (!this.atEnd() && !this.atClosing() && this.symbol() !== comma && !words.has(this.keyword())) this.skipItem();
  }

  /** One token, or a whole group or CASE. */
  skipItem(): void {
    if (this.atOpening()) this.skipGroup();
    else if (this.keyword() === wordCase) this.skipCase();
    else this.position++;
  }

  /** Steps over CASE .. END, others inside included. False: there was no END. */
  skipCase(): boolean {
    let depth = 0;
    for (; this.position < this.tokens.count; this.position++) {
      const word = this.keyword();
      if (word === wordCase) depth++;
      else if (word === wordEnd && --depth === 0) {
        this.position++;
        return true;
      }
    }
    return false;
  }
}

/** A quoted text without its quotes; doubled quotes inside become single ones. */
function unquote(quoted: string, quote: string): string {
  const inner = quoted.slice(1, quoted.length > 1 && quoted.endsWith(quote) ? -1 : undefined);
  return inner.includes(quote) ? inner.replaceAll(quote + quote, quote) : inner;
}

export function isUncertainName(name: string): boolean {
  return name.includes(replacementCharacter);
}
