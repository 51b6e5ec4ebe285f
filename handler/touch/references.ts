/** The table references of UPDATE and DELETE: which tables a statement joins, under which names, and on what. */
import { comma, dot, type Cursor } from "./cursor";
import { ExpressionReader, type Scope } from "./expression";
import { keyword, keywords } from "./keywords";
import { readTableName, type NamedTable, type Run } from "./run";
import type { TableFactor } from "./tableScope";
import { tokenKinds } from "./tokens";
import type { Predicate } from "./touch";

export interface Factors {
  readonly list: readonly TableFactor[];
  /** Where the conditions of inner joins start; every selected combination of rows fulfils them. */
  readonly innerConditions: readonly number[];
  /** FOR PORTION OF: what is left of a row becomes new rows. */
  readonly splitsRows: boolean;
}

const word = {
  partition: keyword("partition"),
  for: keyword("for"),
  portion: keyword("portion"),
  as: keyword("as"),
  on: keyword("on"),
  using: keyword("using"),
  left: keyword("left"),
  right: keyword("right"),
  outer: keyword("outer"),
  join: keyword("join"),
  lateral: keyword("lateral"),
};

const queryWords = keywords("select with values table");
const joinWords = keywords("join inner cross straight_join natural left right");
const hintWords = keywords("use force ignore");
const afterFactor = new Set([...joinWords, ...hintWords, ...keywords("on using set where order limit returning for")]);
/** Words that end a join's condition. */
const conditionEnds = new Set([
  ...keywords("join inner cross straight_join natural set where order limit returning on using"),
]);
const portionEnds = keywords("set where order limit returning");

/** Steps over what may stand between a table's name and its alias. True: FOR PORTION OF. */
export function skipTableSuffix(cursor: Cursor): boolean {
  if (cursor.accept(word.partition)) cursor.skipGroup();
  if (cursor.keyword() !== word.for || cursor.tokens.keyword(cursor.position + 1) !== word.portion) return false;
  cursor.skipTo(portionEnds);
  return true;
}

export function readAlias(cursor: Cursor): string | undefined {
  if (cursor.accept(word.as)) {
    if (cursor.kind() !== tokenKinds.string) return cursor.readName();
    return cursor.tokens.slice(cursor.position++).slice(1, -1);
  }
  return afterFactor.has(cursor.keyword()) ? undefined : cursor.readName();
}

/** The references up to one of the words; `undefined` when they are not understood. */
export function readFactors(cursor: Cursor, run: Run, ends: ReadonlySet<number>): Factors | undefined {
  return new FactorReader(cursor, run, ends).read();
}

/** Servers join 61 tables at most; each table is looked at beside all others here. */
const maximumTables = 128;

class FactorReader {
  readonly #cursor: Cursor;
  readonly #run: Run;
  readonly #ends: ReadonlySet<number>;
  readonly #list: TableFactor[] = [];
  readonly #conditions: number[] = [];
  #outerJoin = false;
  #splitsRows = false;
  #open = 0;

  constructor(cursor: Cursor, run: Run, ends: ReadonlySet<number>) {
    this.#cursor = cursor;
    this.#run = run;
    this.#ends = ends;
  }

  read(): Factors | undefined {
    const cursor = this.#cursor;
    let expectFactor = true;
    while (!cursor.atEnd() && (this.#open > 0 || !this.#ends.has(cursor.keyword()))) {
      if (this.#list.length > maximumTables) return undefined;
      const understood: boolean = expectFactor ? this.#factor() : this.#between();
      if (!understood) return undefined;
      expectFactor = this.#expectsFactor;
    }
    if (this.#open > 0 || expectFactor) return undefined;
    // A condition of an outer join does not hold on every row; which table it restricts is not worth the telling.
    return {
      list: this.#list,
      innerConditions: this.#outerJoin ? [] : this.#conditions,
      splitsRows: this.#splitsRows,
    };
  }

  #expectsFactor = true;

  #factor(): boolean {
    const cursor = this.#cursor;
    cursor.accept(word.lateral);
    if (cursor.atOpening()) {
      if (!this.#startsQuery()) {
        cursor.position++;
        this.#open++;
        return true;
      }
      cursor.skipGroup();
      return this.#add(undefined);
    }
    const name = readTableName(cursor, this.#run);
    if (name === undefined) return false;
    const qualified = cursor.tokens.symbol(cursor.position - 2) === dot;
    if (cursor.atOpening()) {
      // JSON_TABLE(..)
      cursor.skipGroup();
      return this.#add(undefined);
    }
    if (skipTableSuffix(cursor)) this.#splitsRows = true;
    return this.#add(name, qualified);
  }

  /** A query, maybe in further parentheses. */
  #startsQuery(): boolean {
    const { tokens, position } = this.#cursor;
    let at = position;
    while (tokens.symbol(at) === 0x28) at++;
    return queryWords.has(tokens.keyword(at));
  }

  #add(name: NamedTable | undefined, qualified = false): true {
    const alias = readAlias(this.#cursor);
    // The columns of a derived table may get names: `AS x (a, b)`.
    if (name === undefined && this.#cursor.atOpening()) this.#cursor.skipGroup();
    // Only a name without a database can be that of a common table expression.
    const isQuery = name !== undefined && !qualified && this.#run.queryNames.has(name.table.toLowerCase());
    this.#list.push(isQuery ? { name: undefined, alias: alias ?? name.table } : { name, alias });
    this.#expectsFactor = false;
    return true;
  }

  /** What stands between two tables. */
  #between(): boolean {
    const cursor = this.#cursor;
    if (cursor.acceptSymbol(comma)) {
      this.#expectsFactor = true;
      return true;
    }
    if (cursor.atClosing()) {
      cursor.position++;
      return --this.#open >= 0;
    }
    if (cursor.accept(word.on)) {
      this.#conditions.push(cursor.position);
      this.#skipCondition();
      return true;
    }
    if (cursor.accept(word.using)) {
      cursor.skipGroup();
      return true;
    }
    if (this.#skipHint()) return true;
    return this.#join();
  }

  #join(): boolean {
    const cursor = this.#cursor;
    const from = cursor.position;
    while (joinWords.has(cursor.keyword()) || cursor.keyword() === word.outer) {
      if (cursor.keyword() === word.left || cursor.keyword() === word.right) this.#outerJoin = true;
      cursor.position++;
    }
    this.#expectsFactor = true;
    return cursor.position > from;
  }

  #skipHint(): boolean {
    const cursor = this.#cursor;
    if (!hintWords.has(cursor.keyword())) return false;
    while (!cursor.atEnd() && !cursor.atOpening()) cursor.position++;
    cursor.skipGroup();
    return true;
  }

  #skipCondition(): void {
    const cursor = this.#cursor;
    while (!cursor.atEnd() && !cursor.atClosing() && cursor.symbol() !== comma && !this.#atConditionEnd())
      cursor.skipItem();
  }

  /** LEFT and RIGHT are functions too. */
  #atConditionEnd(): boolean {
    const cursor = this.#cursor;
    if (cursor.keyword() !== word.left && cursor.keyword() !== word.right) return conditionEnds.has(cursor.keyword());
    const next = cursor.tokens.keyword(cursor.position + 1);
    return next === word.join || next === word.outer;
  }
}

const joinedEnds = new Set([...conditionEnds, word.left, word.right]);

/** What the conditions at these places say about the columns of a scope, all of them together. */
export function readConditions(
  cursor: Cursor,
  run: Run,
  scope: Scope,
  places: readonly number[],
): Predicate | undefined {
  const operands: Predicate[] = [];
  for (const place of places) {
    cursor.position = place;
    operands.push(new ExpressionReader(cursor, scope, run.comparison).readCondition(joinedEnds, comma));
  }
  const [only] = operands;
  return operands.length <= 1 ? only : { kind: "and", operands };
}

/** `a.*` and the like behind a name: the star is stepped over. */
export function skipStar(cursor: Cursor): void {
  if (cursor.symbol() === dot && cursor.tokens.symbol(cursor.position + 1) === 0x2a) cursor.position += 2;
}
