/**
 * The tokens of one SQL text: each is three numbers (what it is, where it starts, where it ends), and its text is only cut
 * out when someone asks for it.
 */
export const tokenKinds = {
  end: 0,
  word: 1,
  /** `` `name` `` */
  quotedName: 2,
  /** `"text"`: a string, or with ANSI_QUOTES a name. */
  doubleQuoted: 3,
  /** `'text'` */
  string: 4,
  /** `N'text'` */
  nationalString: 5,
  /** `X'4d'` */
  hexString: 6,
  /** `0x4d` */
  hexNumber: 7,
  /** `b'01'` */
  bitString: 8,
  /** `0b01` */
  bitNumber: 9,
  integer: 10,
  decimal: 11,
  /** With an exponent. */
  real: 12,
  /** `?` */
  placeholder: 13,
  /** `@name` and `@@name` */
  variable: 14,
  symbol: 15,
  /** `\N` */
  nullEscape: 16,
  /** Anything else; the statement cannot be valid. */
  invalid: 17,
} as const;

/** Symbols of more than one character; those of one are their character code. */
export const symbols = {
  lessOrEqual: 0x100,
  greaterOrEqual: 0x101,
  notEqual: 0x102,
  nullSafeEqual: 0x103,
  assign: 0x104,
  or: 0x105,
  and: 0x106,
  shiftLeft: 0x107,
  shiftRight: 0x108,
  arrow: 0x109,
  unquotingArrow: 0x10a,
} as const;

const wordKind = tokenKinds.word;

/** Room for this many tokens is kept for the next text; one huge text must not hold memory for ever. */
const largestKept = 1 << 14;

/** The tokens of one text. Reading on past the last one gives `end`. */
export class Tokens {
  text = "";
  count = 0;
  /** Something that no statement can hold: an open quote or comment, a stray character. */
  broken = false;
  /** Bytes that this reader may see otherwise than the server does: these need not be the server's tokens. */
  uncertain = false;
  /** A quote behind a backslash was passed: in another mode the text ends there. */
  boundariesDependOnMode = false;
  hasDoubleQuoted = false;
  /** Comment to the end of the line, by where it starts; -1: none. */
  firstLineComment = -1;
  /** Code in a comment that only some servers execute. */
  hasOptionalCode = false;
  /** Kind in the low byte; keyword or symbol above it. */
  #heads = new Int32Array(64);
  #starts = new Int32Array(64);
  #ends = new Int32Array(64);

  kind(index: number): number {
    return index < this.count ? (this.#heads[index] ?? 0) & 0xff : tokenKinds.end;
  }

  /** Keyword number of a word, 0 for other words and tokens. */
  keyword(index: number): number {
    const head = index < this.count ? (this.#heads[index] ?? 0) : 0;
    return (head & 0xff) === wordKind ? head >>> 8 : 0;
  }

  /** Code of a symbol, 0 for other tokens. */
  symbol(index: number): number {
    const head = index < this.count ? (this.#heads[index] ?? 0) : 0;
    return (head & 0xff) === tokenKinds.symbol ? head >>> 8 : 0;
  }

  start(index: number): number {
    return index < this.count ? (this.#starts[index] ?? 0) : this.text.length;
  }

  end(index: number): number {
    return index < this.count ? (this.#ends[index] ?? 0) : this.text.length;
  }

  slice(index: number): string {
    return this.text.slice(this.start(index), this.end(index));
  }

  reset(text: string): void {
    if (this.#heads.length > largestKept) {
      this.#heads = new Int32Array(64);
      this.#starts = new Int32Array(64);
      this.#ends = new Int32Array(64);
    }
    this.text = text;
    this.count = 0;
    this.broken = false;
    this.uncertain = false;
    this.boundariesDependOnMode = false;
    this.hasDoubleQuoted = false;
    this.firstLineComment = -1;
    this.hasOptionalCode = false;
  }

  add(kind: number, value: number, start: number, end: number): void {
    const index = this.count++;
    if (index === this.#heads.length) this.#grow();
    this.#heads[index] = kind | (value << 8);
    this.#starts[index] = start;
    this.#ends[index] = end;
  }

  #grow(): void {
    const size = this.#heads.length * 4;
    const copy = (from: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> => {
      const to = new Int32Array(size);
      to.set(from);
      return to;
    };
    this.#heads = copy(this.#heads);
    this.#starts = copy(this.#starts);
    this.#ends = copy(this.#ends);
  }
}
