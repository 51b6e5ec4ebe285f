/**
 * The grammar of expressions, read once from left to right. Everything that servers accept is stepped over in full; what
 * is outside the closed grammar becomes unknown where it stands, so that the rest of a condition still counts.
 *
 * Two modes of sql_mode change the grammar itself, so what they change is unknown: with PIPES_AS_CONCAT `||` is no OR, and
 * with HIGH_NOT_PRECEDENCE `NOT a = b` is `(NOT a) = b`.
 */
import type { ColumnDefinition } from "../source/definition";
import { compare, compareBetween, compareIn, flip, type Bound, type ComparisonContext } from "./comparison";
import { isNull, isTruth, like, toPredicate } from "./conditions";
import { comma, type Cursor } from "./cursor";
import { combineNumbers } from "./functions";
import { keyword, keywords } from "./keywords";
import { shiftTime, shiftUnixTime } from "./clockCall";
import { unknownOperand, unknownPredicate, type Operand } from "./operands";
import { readInterval, readPrimary } from "./primary";
import { symbols, tokenKinds } from "./tokens";
import type { ComparisonOperator, Predicate } from "./touch";

/** The columns that names in an expression may mean. */
export interface Scope {
  /** The own column that a name of one to three parts means; `undefined`: another table's, a variable, or not certain. */
  column(path: readonly string[]): ColumnDefinition | undefined;
  /** What is known of another name: the row of a trigger. */
  known(path: readonly string[]): Operand | undefined;
  /** A name in double quotes could be a column. */
  mayBeColumn(name: string): boolean;
}

const maximumDepth = 64;

const word = {
  or: keyword("or"),
  xor: keyword("xor"),
  and: keyword("and"),
  not: keyword("not"),
  is: keyword("is"),
  null: keyword("null"),
  unknown: keyword("unknown"),
  true: keyword("true"),
  false: keyword("false"),
  in: keyword("in"),
  between: keyword("between"),
  like: keyword("like"),
  escape: keyword("escape"),
  sounds: keyword("sounds"),
  member: keyword("member"),
  of: keyword("of"),
  div: keyword("div"),
  mod: keyword("mod"),
  interval: keyword("interval"),
};

const patternWords = keywords("regexp rlike");
const quantifiers = keywords("any all some");
const queryWords = keywords("select with values table");
const bitSymbols: ReadonlySet<number> = new Set([0x7c, 0x26, 0x5e, symbols.shiftLeft, symbols.shiftRight]);

const comparisonBySymbol: ReadonlyMap<number, ComparisonOperator> = new Map([
  [0x3d, "="],
  [0x3c, "<"],
  [0x3e, ">"],
  [symbols.lessOrEqual, "<="],
  [symbols.greaterOrEqual, ">="],
  [symbols.notEqual, "<>"],
  [symbols.nullSafeEqual, "<=>"],
]);

export class ExpressionReader {
  readonly cursor: Cursor;
  readonly scope: Scope;
  readonly context: ComparisonContext;
  /** No operand stood where one must: the text is not understood from here to the end of the group. */
  failed = false;
  #depth = 0;

  constructor(cursor: Cursor, scope: Scope, context: ComparisonContext) {
    this.cursor = cursor;
    this.scope = scope;
    this.context = context;
  }

  /** A condition that ends at one of the words or the symbol, at a closing parenthesis or with the statement. */
  readCondition(ends: ReadonlySet<number>, endSymbol = 0): Predicate {
    const predicate = toPredicate(this.#or("above"));
    const { cursor } = this;
    const atSymbol = endSymbol !== 0 && cursor.symbol() === endSymbol;
    const complete = !this.failed && (cursor.atEnd() || cursor.atClosing() || atSymbol || ends.has(cursor.keyword()));
    if (!complete) cursor.skipTo(ends);
    return complete ? predicate : unknownPredicate;
  }

  /** One expression; what it cannot understand it leaves to be stepped over. */
  readOperand(): Operand {
    return this.#or("above");
  }

  /** Everything inside parentheses at the cursor: a row, an operand or a condition. */
  readGroup(bound: Bound): Operand {
    const { cursor } = this;
    if (this.tooDeep || queryWords.has(cursor.tokens.keyword(cursor.position + 1))) {
      cursor.skipGroup();
      return unknownOperand;
    }
    cursor.position++;
    const items = this.readList(bound);
    const [only] = items;
    return items.length === 1 && only !== undefined ? only : { kind: "row", items };
  }

  /** Expressions up to the `)` that ends them, which is passed. A list that is not understood is one unknown. */
  readList(bound: Bound): readonly Operand[] {
    const { cursor } = this;
    const items: Operand[] = [];
    this.#depth++;
    do items.push(this.#or(bound));
    while (!this.failed && cursor.acceptSymbol(comma));
    this.#depth--;
    if (!this.failed && cursor.atClosing()) {
      cursor.position++;
      return items;
    }
    cursor.skipToClosing();
    cursor.position++;
    this.failed = false;
    return [unknownOperand];
  }

  get tooDeep(): boolean {
    return this.#depth >= maximumDepth;
  }

  /** Reads what may hold itself again, down to a limit. */
  descend(read: () => Operand): Operand {
    if (this.tooDeep) {
      this.failed = true;
      return unknownOperand;
    }
    this.#depth++;
    const operand = read();
    this.#depth--;
    return operand;
  }

  #or(bound: Bound): Operand {
    const first = this.#xor(bound);
    const { cursor } = this;
    if (cursor.keyword() !== word.or && cursor.symbol() !== symbols.or) return first;
    const operands = [toPredicate(first)];
    let maybeConcatenation = false;
    for (;;) {
      if (cursor.acceptSymbol(symbols.or)) maybeConcatenation = true;
      else if (!cursor.accept(word.or)) break;
      operands.push(toPredicate(this.#xor(bound)));
    }
    return maybeConcatenation ? unknownOperand : { kind: "condition", predicate: { kind: "or", operands } };
  }

  #xor(bound: Bound): Operand {
    const first = this.#and(bound);
    if (this.cursor.keyword() !== word.xor) return first;
    while (this.cursor.accept(word.xor)) this.#and(bound);
    return unknownOperand;
  }

  #and(bound: Bound): Operand {
    const first = this.#not(bound);
    const { cursor } = this;
    if (cursor.keyword() !== word.and && cursor.symbol() !== symbols.and) return first;
    const operands = [toPredicate(first)];
    while (cursor.accept(word.and) || cursor.acceptSymbol(symbols.and)) operands.push(toPredicate(this.#not(bound)));
    return { kind: "condition", predicate: { kind: "and", operands } };
  }

  #not(bound: Bound): Operand {
    const { cursor } = this;
    let negated = false;
    let any = false;
    while (cursor.accept(word.not)) {
      any = true;
      negated = !negated;
    }
    if (!any) return this.#comparison(bound, this.#primary(bound));
    const inner = negated ? flip(bound) : bound;
    const first = this.#primary(inner);
    const end = cursor.position;
    this.#comparison(inner, first);
    if (cursor.position !== end) return unknownOperand;
    const predicate = toPredicate(first);
    return { kind: "condition", predicate: negated ? { kind: "not", operand: predicate } : predicate };
  }

  /** `first` with every comparison, IS, IN, BETWEEN and LIKE behind it. */
  #comparison(bound: Bound, first: Operand): Operand {
    let left = this.#arithmetic(first);
    for (;;) {
      const predicate = this.#suffix(bound, left);
      if (predicate === undefined) return left;
      left = { kind: "condition", predicate };
    }
  }

  #suffix(bound: Bound, left: Operand): Predicate | undefined {
    const { cursor } = this;
    const operator = comparisonBySymbol.get(cursor.symbol());
    if (operator !== undefined) {
      cursor.position++;
      return this.#compareWith(bound, operator, left);
    }
    if (cursor.accept(word.is)) return this.#is(left);
    if (cursor.keyword() === word.not) {
      cursor.position++;
      const predicate = this.#predicate(flip(bound), left);
      if (predicate === undefined) this.failed = true;
      return predicate === undefined ? undefined : { kind: "not", operand: predicate };
    }
    return this.#predicate(bound, left);
  }

  #compareWith(bound: Bound, operator: ComparisonOperator, left: Operand): Predicate {
    const { cursor } = this;
    if (quantifiers.has(cursor.keyword()) && cursor.tokens.symbol(cursor.position + 1) === 0x28) {
      cursor.position++;
      cursor.skipGroup();
      return unknownPredicate;
    }
    return compare(this.context, bound, operator, left, this.#bits());
  }

  #is(left: Operand): Predicate {
    const { cursor } = this;
    const negated = cursor.accept(word.not);
    let predicate: Predicate = unknownPredicate;
    if (cursor.accept(word.null) || cursor.accept(word.unknown)) predicate = isNull(left);
    else if (cursor.accept(word.true)) predicate = isTruth(left, true);
    else if (cursor.accept(word.false)) predicate = isTruth(left, false);
    else this.failed = true;
    return negated ? { kind: "not", operand: predicate } : predicate;
  }

  /** IN, BETWEEN, LIKE and the like, behind NOT or not. */
  #predicate(bound: Bound, left: Operand): Predicate | undefined {
    const { cursor } = this;
    if (cursor.accept(word.in)) return this.#in(bound, left);
    if (cursor.accept(word.between)) return this.#between(bound, left);
    if (cursor.accept(word.like)) return this.#like(bound, left);
    if (cursor.acceptAny(patternWords)) {
      this.#bits();
      return unknownPredicate;
    }
    if (cursor.accept(word.sounds)) {
      if (!cursor.accept(word.like)) this.failed = true;
      this.#bits();
      return unknownPredicate;
    }
    if (cursor.keyword() === word.member && cursor.tokens.keyword(cursor.position + 1) === word.of) {
      cursor.position += 2;
      cursor.skipGroup();
      return unknownPredicate;
    }
    return undefined;
  }

  #in(bound: Bound, left: Operand): Predicate {
    const { cursor } = this;
    if (!cursor.atOpening()) {
      this.failed = true;
      return unknownPredicate;
    }
    if (this.tooDeep || queryWords.has(cursor.tokens.keyword(cursor.position + 1))) {
      cursor.skipGroup();
      return unknownPredicate;
    }
    cursor.position++;
    return compareIn(this.context, bound, left, this.readList(bound));
  }

  #between(bound: Bound, left: Operand): Predicate {
    const low = this.#bits();
    if (!this.cursor.accept(word.and)) {
      this.failed = true;
      return unknownPredicate;
    }
    return compareBetween(this.context, bound, left, low, this.#bits());
  }

  #like(bound: Bound, left: Operand): Predicate {
    const pattern = this.#bits();
    const escape = this.cursor.accept(word.escape) ? this.#bits() : undefined;
    return like(left, pattern, { bound, escape, escapesInStrings: this.cursor.facts.mode?.escapesInStrings });
  }

  #primary(bound: Bound): Operand {
    return readPrimary(this, bound);
  }

  /** An operand of a comparison: arithmetic, without conditions. */
  #bits(): Operand {
    return this.#arithmetic(this.#primary("above"));
  }

  #arithmetic(first: Operand): Operand {
    const { cursor } = this;
    let result = this.#sum(first);
    while (bitSymbols.has(cursor.symbol())) {
      cursor.position++;
      this.#sum(this.#primary("above"));
      result = unknownOperand;
    }
    return result;
  }

  #sum(first: Operand): Operand {
    const { cursor } = this;
    let result = this.#product(first);
    for (;;) {
      const symbol = cursor.symbol();
      if (symbol !== 0x2b && symbol !== 0x2d) return result;
      cursor.position++;
      const sign = symbol === 0x2b ? 1 : -1;
      if (cursor.keyword() === word.interval) result = shiftTime(result, readInterval(this, sign));
      else result = this.#add(result, this.#product(this.#primary("above")), sign);
    }
  }

  #add(left: Operand, right: Operand, sign: 1 | -1): Operand {
    if (left.kind === "clock") return shiftUnixTime(left, right, sign);
    const operator = sign === 1 ? "+" : "-";
    return combineNumbers([left, right], (operands) => ({ kind: "arithmetic", operator, operands }));
  }

  #product(first: Operand): Operand {
    const { cursor } = this;
    let result = first;
    for (;;) {
      const operator = this.#productOperator();
      if (operator === undefined) return result;
      cursor.position++;
      const right = this.#primary("above");
      // The digits of a quotient depend on div_precision_increment.
      if (operator === "/") result = unknownOperand;
      else result = combineNumbers([result, right], (operands) => ({ kind: "arithmetic", operator, operands }));
    }
  }

  #productOperator(): string | undefined {
    const { cursor } = this;
    if (cursor.kind() === tokenKinds.word) {
      if (cursor.keyword() === word.div) return "DIV";
      return cursor.keyword() === word.mod ? "%" : undefined;
    }
    switch (cursor.symbol()) {
      case 0x2a:
        return "*";
      case 0x2f:
        return "/";
      case 0x25:
        return "%";
      default:
        return undefined;
    }
  }
}
