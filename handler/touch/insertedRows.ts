/** The rows that an INSERT or REPLACE names: their keys, and the unique values that other rows may hold already. */
import type { ColumnDefinition } from "../source/definition";
import type { Operand } from "./operands";
import { unknownPredicate } from "./operands";
import { combineLiterals, storedLiterals } from "./stored";
import type { IndexedTable } from "./tableIndex";
import type { Expression, Literal, Predicate } from "./touch";

/** What a statement gives a column: an operand, DEFAULT, or nothing at all. */
export type Given = Operand | "default" | "absent";

const defaultKeysPerRow = 64;
const zero: Literal = { type: "number", text: "0" };

export class InsertedRows {
  readonly keys: (readonly Literal[])[] = [];
  /** Rows get keys that the server generates. */
  generated = false;
  /** Rows get keys that the text does not tell. */
  unknownKey = false;
  readonly #table: IndexedTable;
  readonly #maximumKeysPerRow: number;
  readonly #keyColumns: readonly ColumnDefinition[];
  readonly #uniqueKeys: readonly UniqueValues[];
  /** Of columns that triggers read; a column leaves when a row has no certain value for it. */
  readonly #read = new Map<ColumnDefinition, Literal[]>();

  /** `unique`: other rows with the same unique values matter as well. */
  constructor(table: IndexedTable, unique: boolean, maximumKeysPerRow = defaultKeysPerRow) {
    this.#table = table;
    this.#maximumKeysPerRow = maximumKeysPerRow;
    const { definition } = table;
    this.#keyColumns = table.keyColumns ?? [];
    this.unknownKey = table.keyColumns === undefined || table.keySetOnInsert;
    this.#uniqueKeys = unique
      ? definition.uniqueKeys.map((names) => new UniqueValues(table, names, maximumKeysPerRow))
      : [];
    const { setBeforeInsert } = definition;
    for (const name of definition.readByTriggers ?? []) {
      const column = table.column(name);
      const mayBeSet = setBeforeInsert === "all" || setBeforeInsert.has(name) || column?.generated === true;
      if (column !== undefined && !mayBeSet) this.#read.set(column, []);
    }
  }

  /** Values and columns do not fit each other. */
  markUnknown(): void {
    this.unknownKey = true;
    this.#read.clear();
  }

  /** By lower-case name of a column, the literals of which the rows hold one each. */
  readByTriggers(): ReadonlyMap<string, readonly Literal[]> | undefined {
    if (this.#read.size === 0) return undefined;
    return new Map([...this.#read].map(([column, literals]) => [column.name.toLowerCase(), literals]));
  }

  /** Columns whose values have to be given to {@link add}. */
  get columns(): readonly ColumnDefinition[] {
    const unique = this.#uniqueKeys.flatMap((key) => key.columns);
    return [...new Set([...this.#keyColumns, ...unique, ...this.#read.keys()])];
  }

  add(given: (column: ColumnDefinition) => Given): void {
    for (const unique of this.#uniqueKeys) unique.add(given);
    for (const [column, literals] of this.#read) {
      const certain = certainLiterals(column, given(column));
      if (certain === undefined) this.#read.delete(column);
      else literals.push(...certain);
    }
    if (this.unknownKey) return;
    const [only] = this.#keyColumns;
    if (only !== undefined && this.#table.definition.autoIncrementKey === only.name) {
      this.#addGenerated(only, given(only));
      return;
    }
    const parts = this.#keyColumns.map((column) => literalsGiven(column, given(column)));
    const keys = combineLiterals(parts, this.#maximumKeysPerRow);
    if (keys === undefined) this.unknownKey = true;
    else this.keys.push(...keys);
  }

  #addGenerated(column: ColumnDefinition, given: Given): void {
    if (given === "default" || given === "absent" || (given.kind === "literal" && given.form === "null")) {
      this.generated = true;
      // With NO_AUTO_VALUE_ON_ZERO the word DEFAULT means the type's own default.
      if (given === "default") this.keys.push([zero]);
      return;
    }
    const literals = storedLiterals(column, given);
    if (literals === undefined) {
      this.unknownKey = true;
      return;
    }
    // A zero generates a key unless sql_mode has NO_AUTO_VALUE_ON_ZERO.
    if (literals.some((literal) => literal.type === "number" && Number(literal.text) === 0)) this.generated = true;
    for (const literal of literals) this.keys.push([literal]);
  }

  /** Rows that a conflict with one of these rows may change or delete; `undefined`: none. */
  conflicts(): Predicate | undefined {
    const predicates = this.#uniqueKeys.map((unique) => unique.predicate());
    if (this.#table.definition.partialUniqueKeys) predicates.push(unknownPredicate);
    const possible = predicates.filter((predicate) => predicate !== undefined);
    const [only] = possible;
    return possible.length <= 1 ? only : { kind: "or", operands: possible };
  }
}

function literalsGiven(column: ColumnDefinition, given: Given): readonly Literal[] | undefined {
  return given === "default" || given === "absent" ? undefined : storedLiterals(column, given);
}

/** What the row holds afterwards, NULL included. A zero may generate a key. */
function certainLiterals(column: ColumnDefinition, given: Given): readonly Literal[] | undefined {
  if (given !== "default" && given !== "absent" && isNull(column, given)) return [{ type: "null" }];
  const literals = literalsGiven(column, given);
  const generates = literals?.some((literal) => literal.type !== "number" || Number(literal.text) === 0);
  return column.autoIncrement && generates !== false ? undefined : literals;
}

/** The values that rows give to the columns of one unique key. */
class UniqueValues {
  readonly columns: readonly ColumnDefinition[];
  readonly #rows: (readonly Literal[])[] = [];
  readonly #partial: Predicate[] = [];
  #unknown: boolean;
  readonly #maximumKeysPerRow: number;
  readonly #setByTrigger: ReadonlySet<string>;

  constructor(table: IndexedTable, names: readonly string[], maximumKeysPerRow: number) {
    this.#maximumKeysPerRow = maximumKeysPerRow;
    const columns = names.map((name) => table.column(name));
    this.columns = columns.filter((column) => column !== undefined);
    const { setBeforeInsert } = table.definition;
    this.#setByTrigger = setBeforeInsert === "all" ? new Set() : setBeforeInsert;
    this.#unknown = this.columns.length !== names.length || setBeforeInsert === "all";
  }

  add(given: (column: ColumnDefinition) => Given): void {
    if (this.#unknown) return;
    const known: ColumnDefinition[] = [];
    const parts: (readonly Literal[])[] = [];
    for (const column of this.columns) {
      const value = this.#setByTrigger.has(column.name.toLowerCase()) ? undefined : given(column);
      // NULL conflicts with nothing.
      if (value !== undefined && isNull(column, value)) return;
      const literals = value === undefined ? undefined : literalsGiven(column, value);
      if (literals === undefined) continue;
      known.push(column);
      parts.push(literals);
    }
    const rows = combineLiterals(parts, this.#maximumKeysPerRow);
    if (rows === undefined || known.length === 0) this.#unknown = true;
    else if (known.length === this.columns.length) this.#rows.push(...rows);
    else this.#partial.push(equalToAny(known, rows));
  }

  predicate(): Predicate | undefined {
    if (this.#unknown) return unknownPredicate;
    const all = this.#rows.length === 0 ? this.#partial : [equalToAny(this.columns, this.#rows), ...this.#partial];
    const [only] = all;
    return all.length <= 1 ? only : { kind: "or", operands: all };
  }
}

function isNull(column: ColumnDefinition, given: Given): boolean {
  if (!column.nullable || column.generated || column.dataType === "timestamp") return false;
  if (given === "default" || given === "absent") return column.nullByDefault === true;
  return given.kind === "literal" && given.form === "null";
}

function equalToAny(columns: readonly ColumnDefinition[], rows: readonly (readonly Literal[])[]): Predicate {
  const operands = columns.map(({ name }): Expression => ({ kind: "column", name }));
  const tuples = rows.map((row) => row.map((literal): Expression => ({ kind: "literal", literal })));
  const [column] = operands;
  if (operands.length > 1 || column === undefined) return { kind: "rowIn", operands, rows: tuples };
  const values = tuples.map(([value]) => value).filter((value) => value !== undefined);
  const [only] = values;
  if (values.length === 1 && only !== undefined) return { kind: "compare", operator: "=", left: column, right: only };
  return { kind: "in", operand: column, values };
}
