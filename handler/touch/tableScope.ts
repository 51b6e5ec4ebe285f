/** The columns that names in a statement mean, as far as the synchronised tables tell. */
import type { ColumnDefinition } from "../source/definition";
import type { Scope } from "./expression";
import type { Operand } from "./operands";
import type { NamedTable, Run } from "./run";
import type { IndexedTable } from "./tableIndex";

/** A table of a statement, by the name that its columns go by. */
export interface TableFactor {
  /** `undefined`: a derived table or something else without a table's name. */
  readonly name: NamedTable | undefined;
  readonly alias: string | undefined;
}

/** Names in an expression about one table among others. */
export class TableScope implements Scope {
  readonly #table: IndexedTable;
  readonly #factor: TableFactor;
  /** Columns of these may be meant by an unqualified name; `undefined`: anything may. */
  readonly #others: readonly IndexedTable[] | undefined;
  readonly #run: Run;
  /** Another table of the statement goes by the same name. */
  readonly #ambiguous: boolean;

  constructor(run: Run, table: IndexedTable, factor: TableFactor, all: readonly TableFactor[] = [factor]) {
    this.#run = run;
    this.#table = table;
    this.#factor = factor;
    const others = all.filter((other) => other !== factor);
    this.#others = knownTables(run, others);
    this.#ambiguous = others.some((other) => sameName(exposedName(other), exposedName(factor)));
  }

  column(path: readonly string[]): ColumnDefinition | undefined {
    const name = path[path.length - 1] ?? "";
    const isOwn = path.length === 1 ? this.#isOwnUnqualified(name) : this.#isOwnQualified(path);
    return isOwn ? this.#table.column(name) : undefined;
  }

  known(path: readonly string[]): Operand | undefined {
    return this.#run.knownRowValue(path);
  }

  mayBeColumn(name: string): boolean {
    if (this.#others === undefined || this.#run.localNames.has(name.toLowerCase())) return true;
    return [this.#table, ...this.#others].some((table) => table.column(name) !== undefined);
  }

  #isOwnUnqualified(name: string): boolean {
    if (this.#run.localNames.size > 0 && this.#run.localNames.has(name.toLowerCase())) return false;
    return this.#others?.every((other) => other.column(name) === undefined) === true;
  }

  #isOwnQualified(path: readonly string[]): boolean {
    const [first = "", second = ""] = path;
    if (this.#ambiguous || this.#run.localNames.has(first.toLowerCase())) return false;
    if (path.length === 2) return sameName(first, exposedName(this.#factor));
    const { name, alias } = this.#factor;
    return path.length === 3 && alias === undefined && sameName(first, name?.database) && sameName(second, name?.table);
  }
}

/** In an INSERT's values names mean nothing that is known before it. */
export class EmptyScope implements Scope {
  readonly #table: IndexedTable;
  readonly #run: Run;

  constructor(run: Run, table: IndexedTable) {
    this.#run = run;
    this.#table = table;
  }

  column(): undefined {
    return undefined;
  }

  known(path: readonly string[]): Operand | undefined {
    return this.#run.knownRowValue(path);
  }

  mayBeColumn(name: string): boolean {
    return this.#table.column(name) !== undefined;
  }
}

export function exposedName(factor: TableFactor): string | undefined {
  return factor.alias ?? factor.name?.table;
}

export function sameName(a: string | undefined, b: string | undefined): boolean {
  return a !== undefined && b !== undefined && (a === b || a.toLowerCase() === b.toLowerCase());
}

function knownTables(run: Run, factors: readonly TableFactor[]): readonly IndexedTable[] | undefined {
  const known: IndexedTable[] = [];
  for (const { name } of factors) {
    const found = name === undefined ? [] : run.find(name);
    if (found.length === 0) return undefined;
    known.push(...found);
  }
  return known;
}
