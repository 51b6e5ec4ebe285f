/**
 * SQL text of MySQL 5.7 to 8.4 and MariaDB 10 to 12 → tokens, in one pass over character codes.
 *
 * Where a quoted text ends depends on the session's sql_mode, which the log does not tell: with NO_BACKSLASH_ESCAPES a
 * backslash is an ordinary character, with ANSI_QUOTES "x" is a name, in which it is one too. So the mode is a parameter
 * here, and `boundariesDependOnMode` says that another mode could give other tokens.
 */
import { isDigit, isHexDigit, isSpace, isWordCharacter, replacementCharacter } from "./characters";
import { findKeyword, hashStep } from "./keywords";
import { symbols, tokenKinds, type Tokens } from "./tokens";

export interface QuoteMode {
  /** Backslash is special inside '..'. */
  readonly escapesInStrings: boolean;
  /** Backslash is special inside "..". */
  readonly escapesInDoubleQuotes: boolean;
}

export const defaultQuoteMode: QuoteMode = { escapesInStrings: true, escapesInDoubleQuotes: true };

/** Executable comments of versions before this one are code for every server that is supported. */
const alwaysExecutedBefore = 50600;

const replacementCode = replacementCharacter.charCodeAt(0);

export function tokenize(text: string, mode: QuoteMode, into: Tokens): void {
  new Tokenizer(text, mode, into).run();
}

class Tokenizer {
  readonly #text: string;
  readonly #mode: QuoteMode;
  readonly #tokens: Tokens;
  #at = 0;
  /** Inside a comment whose content is code. */
  #executable = false;

  constructor(text: string, mode: QuoteMode, tokens: Tokens) {
    this.#text = text;
    this.#mode = mode;
    this.#tokens = tokens;
    tokens.reset(text);
  }

  run(): void {
    const text = this.#text;
    while (this.#at < text.length) {
      const code = text.charCodeAt(this.#at);
      if (isSpace(code)) this.#at++;
      else if (isDigit(code)) this.#number();
      else if (isWordCharacter(code)) this.#word(code);
      else this.#other(code);
    }
    if (this.#executable) this.#tokens.broken = true;
  }

  #code(offset: number): number {
    return this.#text.charCodeAt(this.#at + offset);
  }

  #add(kind: number, value: number, length: number): void {
    this.#tokens.add(kind, value, this.#at, this.#at + length);
    this.#at += length;
  }

  #word(first: number): void {
    if (this.#code(1) === 0x27 && this.#prefixedString(first)) return;
    const text = this.#text;
    const start = this.#at;
    let end = start;
    let hash = 0;
    let code = first;
    do {
      hash = hashStep(hash, code);
      code = text.charCodeAt(++end);
    } while (isWordCharacter(code));
    this.#add(tokenKinds.word, findKeyword(text, start, end, hash), end - start);
    this.#qualified(code);
  }

  /** Behind a name and its dot comes a name, whatever it looks like: `t.1e5`, `t.select`. */
  #qualified(code: number): void {
    while (code === 0x2e && isWordCharacter(this.#code(1))) {
      this.#add(tokenKinds.symbol, 0x2e, 1);
      this.#add(tokenKinds.word, 0, this.#wordEnd(this.#at) - this.#at);
      code = this.#code(0);
    }
  }

  #wordEnd(from: number): number {
    let end = from;
    while (isWordCharacter(this.#text.charCodeAt(end))) end++;
    return end;
  }

  /** `N'..'`, `X'..'`, `B'..'`. */
  #prefixedString(prefix: number): boolean {
    const letter = prefix | 0x20;
    if (letter === 0x6e) {
      this.#at++;
      this.#quoted(0x27, tokenKinds.nationalString, this.#mode.escapesInStrings);
      return true;
    }
    if (letter !== 0x78 && letter !== 0x62) return false;
    const close = this.#text.indexOf("'", this.#at + 2);
    const length = close === -1 ? this.#text.length - this.#at : close + 1 - this.#at;
    if (close === -1) this.#tokens.broken = true;
    this.#add(letter === 0x78 ? tokenKinds.hexString : tokenKinds.bitString, 0, length);
    return true;
  }

  #number(): void {
    const text = this.#text;
    const start = this.#at;
    if (text.charCodeAt(start) === 0x30 && this.#prefixedNumber()) return;
    let end = start + 1;
    while (isDigit(text.charCodeAt(end))) end++;
    const code = text.charCodeAt(end);
    if (code === 0x2e) {
      this.#fraction(end + 1);
    } else if (isWordCharacter(code)) {
      const exponent = this.#exponentEnd(end);
      // `1e3` is a number, `1e` and `12monkeys` are names.
      if (exponent > end) this.#add(tokenKinds.real, 0, exponent - start);
      else this.#digitsWord();
    } else {
      this.#add(tokenKinds.integer, 0, end - start);
    }
  }

  #digitsWord(): void {
    const end = this.#wordEnd(this.#at);
    this.#add(tokenKinds.word, 0, end - this.#at);
    this.#qualified(this.#code(0));
  }

  /** Digits behind the point at `from`. */
  #fraction(from: number): void {
    let end = from;
    while (isDigit(this.#text.charCodeAt(end))) end++;
    const exponent = this.#exponentEnd(end);
    this.#add(exponent > end ? tokenKinds.real : tokenKinds.decimal, 0, exponent - this.#at);
  }

  /** The end of `e5`, `E+5` or `e-5` at `from`; `from` when there is none. */
  #exponentEnd(from: number): number {
    if ((this.#text.charCodeAt(from) | 0x20) !== 0x65) return from;
    const sign = this.#text.charCodeAt(from + 1);
    let end = sign === 0x2b || sign === 0x2d ? from + 2 : from + 1;
    if (!isDigit(this.#text.charCodeAt(end))) return from;
    while (isDigit(this.#text.charCodeAt(end))) end++;
    return end;
  }

  /** `0x4d` and `0b01`; the letter's case matters, and any other character of a name makes it one. */
  #prefixedNumber(): boolean {
    const letter = this.#code(1);
    if (letter !== 0x78 && letter !== 0x62) return false;
    let end = this.#at + 2;
    const text = this.#text;
    if (letter === 0x78) while (isHexDigit(text.charCodeAt(end))) end++;
    else while (text.charCodeAt(end) === 0x30 || text.charCodeAt(end) === 0x31) end++;
    if (end === this.#at + 2 || isWordCharacter(text.charCodeAt(end))) return false;
    this.#add(letter === 0x78 ? tokenKinds.hexNumber : tokenKinds.bitNumber, 0, end - this.#at);
    return true;
  }

  #other(code: number): void {
    switch (code) {
      case 0x27:
        this.#quoted(code, tokenKinds.string, this.#mode.escapesInStrings);
        return;
      case 0x22:
        this.#tokens.hasDoubleQuoted = true;
        this.#quoted(code, tokenKinds.doubleQuoted, this.#mode.escapesInDoubleQuotes);
        this.#qualified(this.#code(0));
        return;
      case 0x60:
        this.#quoted(code, tokenKinds.quotedName, false);
        this.#qualified(this.#code(0));
        return;
      case 0x23:
        this.#lineComment();
        return;
      case 0x3f:
        this.#add(tokenKinds.placeholder, 0, 1);
        return;
      case 0x40:
        this.#variable();
        return;
      case 0x2e:
        if (isDigit(this.#code(1))) this.#fraction(this.#at + 1);
        else this.#add(tokenKinds.symbol, code, 1);
        return;
      case 0x5c:
        if (this.#code(1) === 0x4e) this.#add(tokenKinds.nullEscape, 0, 2);
        else this.#invalid();
        return;
      default:
        this.#symbol(code);
    }
  }

  #invalid(): void {
    this.#tokens.broken = true;
    this.#add(tokenKinds.invalid, 0, 1);
  }

  /** Text up to the closing quote, which is doubled inside. */
  #quoted(quote: number, kind: number, escapes: boolean): void {
    const text = this.#text;
    const start = this.#at;
    let end = start + 1;
    for (; end < text.length; end++) {
      const code = text.charCodeAt(end);
      if (code === quote) {
        if (text.charCodeAt(end + 1) !== quote) break;
        end++;
      } else if (code === 0x5c && escapes) {
        end++;
        if (text.charCodeAt(end) === quote) this.#tokens.boundariesDependOnMode = true;
      } else if (code === replacementCode) {
        // In client character sets such as SJIS and GBK the second byte of a character can look like one of these.
        const next = text.charCodeAt(end + 1);
        if (next === 0x5c || next === 0x60) this.#tokens.uncertain = true;
      }
    }
    if (end >= text.length) this.#tokens.broken = true;
    end = Math.min(end + 1, text.length);
    this.#tokens.add(kind, 0, start, end);
    this.#at = end;
  }

  #lineComment(): void {
    if (this.#tokens.firstLineComment === -1) this.#tokens.firstLineComment = this.#at;
    const end = this.#text.indexOf("\n", this.#at);
    this.#at = end === -1 ? this.#text.length : end + 1;
  }

  #variable(): void {
    const start = this.#at;
    let end = start + 1;
    if (this.#text.charCodeAt(end) === 0x40) end++;
    const quote = this.#text.charCodeAt(end);
    if (quote === 0x27 || quote === 0x22 || quote === 0x60) {
      this.#at = end;
      const escapes = quote === 0x27 ? this.#mode.escapesInStrings : this.#mode.escapesInDoubleQuotes;
      this.#quoted(quote, tokenKinds.variable, quote !== 0x60 && escapes);
      return;
    }
    while (isWordCharacter(this.#text.charCodeAt(end)) || this.#text.charCodeAt(end) === 0x2e) end++;
    this.#add(tokenKinds.variable, 0, end - start);
  }

  #symbol(code: number): void {
    const next = this.#code(1);
    if (code === 0x2d && next === 0x2d && this.#startsComment(this.#code(2))) {
      this.#lineComment();
    } else if (code === 0x2f && next === 0x2a) {
      this.#comment();
    } else if (code === 0x2a && next === 0x2f && this.#executable) {
      this.#executable = false;
      this.#at += 2;
    } else {
      this.#operator(code, next);
    }
  }

  /** `--` starts a comment before white space, a control character or the end. */
  #startsComment(code: number): boolean {
    return Number.isNaN(code) || code <= 0x20 || code === 0x7f;
  }

  #operator(code: number, next: number): void {
    const long = longSymbol(code, next, this.#code(2));
    if (long !== 0) {
      this.#add(tokenKinds.symbol, long, long === symbols.nullSafeEqual || long === symbols.unquotingArrow ? 3 : 2);
    } else if (code < 0x20 || code === 0x7f) {
      this.#invalid();
    } else {
      this.#add(tokenKinds.symbol, code, 1);
    }
  }

  #comment(): void {
    const start = this.#at;
    const text = this.#text;
    const bang = this.#code(2) === 0x21;
    const forMariadb = (this.#code(2) | 0x20) === 0x6d && this.#code(3) === 0x21;
    if ((bang || forMariadb) && !this.#executable) {
      this.#executable = true;
      this.#at += bang ? 3 : 4;
      const version = /^\d{5,6}/.exec(text.slice(this.#at, this.#at + 6))?.[0] ?? "";
      this.#at += version.length;
      if (forMariadb || Number(version) >= alwaysExecutedBefore) this.#tokens.hasOptionalCode = true;
      return;
    }
    // Servers disagree about executable comments inside each other.
    if (bang || forMariadb) this.#tokens.uncertain = true;
    const end = text.indexOf("*/", start + 2);
    if (end === -1) this.#tokens.broken = true;
    this.#at = end === -1 ? text.length : end + 2;
  }
}

function longSymbol(code: number, next: number, third: number): number {
  switch (code) {
    case 0x3c:
      if (next === 0x3d) return third === 0x3e ? symbols.nullSafeEqual : symbols.lessOrEqual;
      if (next === 0x3e) return symbols.notEqual;
      return next === 0x3c ? symbols.shiftLeft : 0;
    case 0x3e:
      if (next === 0x3d) return symbols.greaterOrEqual;
      return next === 0x3e ? symbols.shiftRight : 0;
    case 0x21:
      return next === 0x3d ? symbols.notEqual : 0;
    case 0x3a:
      return next === 0x3d ? symbols.assign : 0;
    case 0x7c:
      return next === 0x7c ? symbols.or : 0;
    case 0x26:
      return next === 0x26 ? symbols.and : 0;
    case 0x2d:
      if (next !== 0x3e) return 0;
      return third === 0x3e ? symbols.unquotingArrow : symbols.arrow;
    default:
      return 0;
  }
}
