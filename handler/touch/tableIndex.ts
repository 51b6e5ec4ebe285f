/** The synchronised source tables, found by the names that statements use. */
import type { ColumnDefinition, TableDefinition, TableName } from "../source/definition";
import { isAscii, isWordCharacter, replacementCharacter } from "./characters";

/** A table with what the reader asks about it again and again. */
export class IndexedTable {
  readonly definition: TableDefinition;
  /** In the order of `definition.key`; `undefined` when the picture of the table is not whole. */
  readonly keyColumns: readonly ColumnDefinition[] | undefined;
  /** The columns that an INSERT without a column list fills. */
  readonly insertColumns: readonly ColumnDefinition[];
  /** Lower-case names of columns that change without being assigned. */
  readonly changedByEveryUpdate: readonly string[];
  /** An UPDATE may change the key without naming it: a trigger, a generated column, ON UPDATE. */
  readonly keyMayChangeUnseen: boolean;
  /** An INSERT may give the row another key than its text says. */
  readonly keySetOnInsert: boolean;
  readonly #keyNames: ReadonlySet<string>;
  readonly #columns = new Map<string, ColumnDefinition>();

  constructor(definition: TableDefinition) {
    this.definition = definition;
    for (const column of definition.columns) {
      this.#columns.set(column.name, column);
      this.#columns.set(column.name.toLowerCase(), column);
    }
    const key = definition.key.map((name) => this.column(name));
    const known = key.filter((column) => column !== undefined);
    this.keyColumns = known.length === key.length && known.length > 0 ? known : undefined;
    this.insertColumns = definition.columns.filter((column) => !column.invisible);
    this.changedByEveryUpdate = [
      ...definition.columns
        .filter(({ onUpdate, generated }) => onUpdate || generated)
        .map(({ name }) => name.toLowerCase()),
      ...(definition.setBeforeUpdate === "all" ? [] : definition.setBeforeUpdate),
    ];
    this.#keyNames = new Set(definition.key.map((name) => name.toLowerCase()));
    this.keyMayChangeUnseen =
      this.keyColumns === undefined ||
      definition.setBeforeUpdate === "all" ||
      this.changedByEveryUpdate.some((name) => this.#keyNames.has(name));
    const { setBeforeInsert } = definition;
    this.keySetOnInsert =
      setBeforeInsert === "all" ||
      [...this.#keyNames].some((name) => setBeforeInsert.has(name) || this.column(name)?.generated !== false);
  }

  isKeyColumn(name: string): boolean {
    return this.#keyNames.has(name) || this.#keyNames.has(name.toLowerCase());
  }

  column(name: string): ColumnDefinition | undefined {
    return this.#columns.get(name) ?? this.#columns.get(name.toLowerCase());
  }
}

export class TableIndex {
  readonly all: readonly IndexedTable[];
  readonly #byDatabase = new Map<string, Map<string, IndexedTable[]>>();
  readonly #byTable = new Map<string, IndexedTable[]>();
  /** Tables whose name a search for words cannot find. */
  readonly #oddlyNamed: readonly { readonly table: IndexedTable; readonly lowerName: string }[];

  constructor(definitions: Iterable<TableDefinition>) {
    this.all = [...definitions].map((definition) => new IndexedTable(definition));
    for (const table of this.all) {
      const { database, table: name } = table.definition.name;
      const tables = getOrAdd(this.#byDatabase, database.toLowerCase(), () => new Map<string, IndexedTable[]>());
      getOrAdd(tables, name.toLowerCase(), () => []).push(table);
      getOrAdd(this.#byTable, name.toLowerCase(), () => []).push(table);
    }
    this.#oddlyNamed = this.all
      .map((table) => ({ table, lowerName: table.definition.name.table.toLowerCase() }))
      .filter(({ lowerName }) => !isPlainWord(lowerName));
  }

  /**
   * The tables that a name may mean: one or none, but more when names differ in case only, when the database is not known
   * (`undefined`), or when the name's characters are not certain.
   */
  find(database: string | undefined, table: string): readonly IndexedTable[] {
    const found = this.#findExact(database, table);
    if (found.length > 0 || (isAscii(table) && isAscii(database ?? ""))) return found;
    return this.all.filter(({ definition }) => !isAscii(definition.name.table) || !isAscii(definition.name.database));
  }

  #findExact(database: string | undefined, table: string): readonly IndexedTable[] {
    if (database === undefined) return this.#byTable.get(table.toLowerCase()) ?? [];
    const tables = this.#byDatabase.get(database) ?? this.#byDatabase.get(database.toLowerCase());
    return tables?.get(table) ?? tables?.get(table.toLowerCase()) ?? [];
  }

  /** A failed statement leaves no change in the table. */
  isTransactional(name: TableName): boolean {
    return this.find(name.database, name.table).every(({ definition }) => definition.transactional);
  }

  ofDatabase(database: string): readonly IndexedTable[] {
    return [...(this.#byDatabase.get(database.toLowerCase())?.values() ?? [])].flat();
  }

  /** The tables whose name stands anywhere in a text, in quotes and comments too. Linear in the text. */
  namedIn(text: string): readonly IndexedTable[] {
    const lower = text.toLowerCase();
    const found = new Set<IndexedTable>();
    for (const word of plainWords(lower)) for (const table of this.#byTable.get(word) ?? []) found.add(table);
    const uncertain = text.includes(replacementCharacter);
    for (const { table, lowerName } of this.#oddlyNamed) {
      // A newline in a name is a space in Aurora's log; quotes inside a name are doubled.
      const spelt = [lowerName, lowerName.replace(/\s/gu, " "), lowerName.replaceAll("`", "``")];
      if (uncertain || spelt.some((name) => lower.includes(name))) found.add(table);
      else if (!isAscii(lowerName) && !isAscii(lower)) found.add(table);
    }
    return [...found];
  }
}

export function buildTableIndex(definitions: Iterable<TableDefinition>): TableIndex {
  return new TableIndex(definitions);
}

function getOrAdd<V>(map: Map<string, V>, key: string, make: () => V): V {
  const existing = map.get(key);
  if (existing !== undefined) return existing;
  const made = make();
  map.set(key, made);
  return made;
}

function isPlainWord(name: string): boolean {
  for (let index = 0; index < name.length; index++) {
    const code = name.charCodeAt(index);
    if (code > 127 || !isWordCharacter(code)) return false;
  }
  return true;
}

/** Everything in a text that may be a name, in quotes and comments too. */
export function namesIn(text: string): ReadonlySet<string> {
  const names = new Set(plainWords(text));
  for (const [, quoted = ""] of text.matchAll(/[`"]((?:[^`"]|``|"")+)[`"]/gu)) {
    names.add(quoted.replaceAll("``", "`").replaceAll('""', '"'));
  }
  return names;
}

function* plainWords(text: string): Iterable<string> {
  for (let at = 0; at < text.length; at++) {
    if (!isWordCharacter(text.charCodeAt(at))) continue;
    const start = at;
    while (isWordCharacter(text.charCodeAt(at))) at++;
    yield text.slice(start, at);
  }
}
