/** Tables with all sorts of keys and columns. */
import { integerKinds, keyKinds, otherKinds, type ColumnKind } from "./columnKinds";
import type { Random } from "./random";

export interface TestColumn {
  readonly name: string;
  readonly kind: ColumnKind;
  readonly generated: boolean;
  readonly autoIncrement: boolean;
}

export interface TestTable {
  readonly name: string;
  readonly columns: readonly TestColumn[];
  readonly key: readonly string[];
  /** Statements that make the table, its rows and its triggers. */
  readonly statements: readonly string[];
}

const columnNames = ["a", "b", "c", "Status", "value", "d e", "f`g", "left"];

export function quote(name: string): string {
  return `\`${name.replaceAll("`", "``")}\``;
}

export function makeTable(random: Random, name: string): TestTable {
  const keys = makeKey(random);
  const others = random.some(columnNames, 0.75).map((column): TestColumn => ({
    name: column,
    kind: random.pick(otherKinds),
    generated: false,
    autoIncrement: false,
  }));
  const columns = [...keys, ...others];
  const key = keys.map((column) => column.name);
  const extra = extraColumns(random, columns);
  const all = [...columns, ...extra.map(({ column }) => column)];
  const definitions = [
    ...columns.map((column) => definition(random, column, key)),
    ...extra.map((each) => each.definition),
    `${random.chance(0.85) ? "PRIMARY KEY" : "UNIQUE KEY"} (${key.map(quote).join(", ")})`,
    ...uniqueKeys(random, others),
  ];
  return {
    name,
    columns: all,
    key,
    statements: [
      `CREATE TABLE ${quote(name)} (${definitions.join(", ")}) ENGINE=InnoDB`,
      ...rows(random, name, columns),
      ...triggers(random, name, columns),
    ],
  };
}

function makeKey(random: Random): readonly TestColumn[] {
  if (random.chance(0.45)) {
    return [{ name: "id", kind: random.pick(integerKinds), generated: false, autoIncrement: true }];
  }
  const column = (name: string): TestColumn => ({
    name,
    kind: random.pick(keyKinds),
    generated: false,
    autoIncrement: false,
  });
  return random.chance(0.6) ? [column("id")] : [column("id"), column("No")];
}

function definition(random: Random, column: TestColumn, key: readonly string[]): string {
  const { name, kind } = column;
  const base = `${quote(name)} ${kind.type}`;
  if (column.autoIncrement) return `${base} NOT NULL AUTO_INCREMENT`;
  if (key.includes(name)) return `${base} NOT NULL`;
  if (kind.type === "TIMESTAMP") {
    return `${base} NULL${random.chance(0.5) ? " DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP" : ""}`;
  }
  const [first = "''"] = kind.values;
  if (random.chance(0.3)) return `${base} NOT NULL DEFAULT ${first.includes("(") ? `(${first})` : first}`;
  return random.chance(0.1) ? `${base} INVISIBLE` : base;
}

interface ExtraColumn {
  readonly column: TestColumn;
  readonly definition: string;
}

function extraColumns(random: Random, columns: readonly TestColumn[]): readonly ExtraColumn[] {
  const extra: ExtraColumn[] = [];
  const number = columns.find((column) => column.kind.type === "INT" || column.kind.type === "TINYINT");
  if (number !== undefined && !number.autoIncrement && random.chance(0.6)) {
    const column = { name: "twice", kind: number.kind, generated: true, autoIncrement: false };
    const storage = random.pick(["STORED", "VIRTUAL"]);
    extra.push({ column, definition: `twice INT AS (${quote(number.name)} * 2) ${storage}` });
  }
  return extra;
}

function uniqueKeys(random: Random, columns: readonly TestColumn[]): readonly string[] {
  const usable = columns.filter(({ kind }) => !/^(?:TEXT|BLOB|JSON)/u.test(kind.type));
  if (usable.length === 0 || random.chance(0.4)) return [];
  const chosen = random.some(usable, 0.4).slice(0, 2);
  if (chosen.length === 0) return [];
  const prefix = chosen.length === 1 && chosen[0]?.kind.isText === true && random.chance(0.2) ? "(1)" : "";
  return [`UNIQUE KEY other (${chosen.map(({ name }) => `${quote(name)}${prefix}`).join(", ")})`];
}

/** One INSERT a row, since the values of unique columns may meet. */
function rows(random: Random, name: string, columns: readonly TestColumn[]): readonly string[] {
  const filled = columns.filter((column) => !column.autoIncrement || random.chance(0.5));
  return Array.from({ length: random.between(8, 25) }, () => {
    const values = filled.map((column) => value(random, column));
    return `INSERT IGNORE INTO ${quote(name)} (${filled.map((column) => quote(column.name)).join(", ")}) VALUES (${values.join(", ")})`;
  });
}

function value(random: Random, { kind, autoIncrement }: TestColumn): string {
  if (autoIncrement) return random.chance(0.5) ? "NULL" : String(random.between(1, 60));
  if (kind.isNumber === true && random.chance(0.3) && !kind.type.startsWith("BIT"))
    return String(random.between(0, 20));
  return random.pick(kind.values);
}

function triggers(random: Random, name: string, columns: readonly TestColumn[]): readonly string[] {
  if (random.chance(0.75)) return [];
  const { name: column, kind } = random.pick(columns);
  const event = random.pick(["INSERT", "UPDATE"]);
  const body = `SET NEW.${quote(column)} = ${random.pick(kind.values)}`;
  return [`CREATE TRIGGER ${quote(`${name}_before`)} BEFORE ${event} ON ${quote(name)} FOR EACH ROW ${body}`];
}
