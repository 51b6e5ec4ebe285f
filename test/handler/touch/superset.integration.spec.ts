import { expect } from "chai";
import { createConnection, type Connection } from "mysql2/promise";
import type { TableDefinition } from "../../../handler/source/definition";
import { readTables } from "../../../handler/source/catalog";
import { identifier, literal } from "../../../handler/sql/text";
import { superset } from "../../../handler/touch/predicate";
import { renderPredicate } from "../../../handler/touch/render";
import { readStatement } from "../../../handler/touch/statement";
import { TableIndex } from "../../../handler/touch/tableIndex";
import type { Literal, Touch } from "../../../handler/touch/touch";
import { DatabasePair } from "../databasePair";
import { StatementMaker } from "./statementMaker";

const schema = [
  "CREATE DATABASE shop DEFAULT CHARACTER SET utf8mb4",
  `CREATE TABLE shop.items (id INT AUTO_INCREMENT PRIMARY KEY, code VARCHAR(6) UNIQUE, n INT, price DECIMAL(6,2),
    label CHAR(8) NOT NULL DEFAULT 'none', made DATETIME, seen TIMESTAMP NULL, UNIQUE (n, label))`,
  `CREATE TABLE shop.pairs (k INT, name VARCHAR(6), n INT, label VARCHAR(8), twice INT AS (n * 2) STORED,
    PRIMARY KEY (k, name))`,
];
const rows = [
  ...["'a', 1", "'b', 2", "'C', NULL", "'d ', 0", "NULL, 3", "'1', -1"].map(
    (values, index) =>
      `INSERT INTO shop.items (code, n, price, label, made, seen)
       VALUES (${values}, ${index}.50, 'x${index}', '2024-01-0${index + 1} 00:00:00', '2024-01-0${index + 1} 12:00:00')`,
  ),
  "INSERT INTO shop.pairs (k, name, n, label) VALUES (1, 'a', 1, 'x'), (1, 'b', 2, 'y'), (2, 'a', NULL, 'z'), (3, '', 0, '')",
];

const budgetMs = 20_000;
const caseCount = 4000;
const seed = Number(process.env["SUPERSET_SEED"] ?? Date.now() % 1_000_000_000);

interface Outcome {
  readonly text: string;
  readonly missed: readonly string[];
  readonly changed: number;
}

/** Runs one statement in a transaction that is rolled back, and tells which changed rows its touches leave out. */
class Trial {
  readonly #connection: Connection;
  readonly #tables: readonly TableDefinition[];
  readonly #index: TableIndex;

  constructor(connection: Connection, tables: readonly TableDefinition[]) {
    this.#connection = connection;
    this.#tables = tables;
    this.#index = new TableIndex(tables);
  }

  async run(text: string, adjust: (touches: readonly Touch[]) => readonly Touch[]): Promise<Outcome> {
    const before = await this.#images();
    await this.#connection.query("START TRANSACTION");
    const retcode = await this.#execute(text);
    const after = await this.#images();
    const context = { database: "shop", dialect: "mariadb", truncated: false, retcode } as const;
    const nowMs = Date.now();
    const now = { earliestMs: nowMs - 60_000, latestMs: nowMs + 60_000 };
    const touches = adjust(readStatement(text, { ...context, tables: this.#index, now }).touches);
    const selected = new Set<string>();
    const created = new Set<string>();
    for (const touch of touches) {
      if (touch.kind === "tail") created.add(touch.table.table);
      if (touch.kind === "keys") for (const key of await this.#select(touch)) selected.add(key);
    }
    await this.#connection.query("ROLLBACK");
    // A rollback leaves the counter at the end of its range, where nothing can be inserted any more.
    if (text.includes("99999999999")) await this.#connection.query("ALTER TABLE shop.items AUTO_INCREMENT = 100");
    for (const touch of touches) for (const key of await this.#select(touch)) selected.add(key);
    const whole = new Set(touches.filter(({ kind }) => kind === "all").map(({ table }) => table.table));
    const changed = [...new Set([...before.keys(), ...after.keys()])].filter(
      (key) => before.get(key) !== after.get(key),
    );
    const missed = changed.filter((key) => {
      const table = key.split(":")[0] ?? "";
      return !whole.has(table) && !selected.has(key) && !(created.has(table) && !before.has(key));
    });
    return { text, missed, changed: changed.length };
  }

  async #execute(text: string): Promise<number> {
    try {
      await this.#connection.query(text);
      return 0;
    } catch (error) {
      if (error instanceof Error && "errno" in error && typeof error.errno === "number") return error.errno;
      throw error;
    }
  }

  /** Every row as text, by table and key. */
  async #images(): Promise<Map<string, string>> {
    const images = new Map<string, string>();
    for (const table of this.#tables) {
      const found = await this.#rows(`SELECT ${keyText(table)}, t.* FROM shop.${table.name.table} t`);
      for (const [key, ...row] of found) images.set(`${table.name.table}:${String(key)}`, JSON.stringify(row));
    }
    return images;
  }

  /** Keys of the rows that a touch selects in the tables as they are. */
  async #select(touch: Touch): Promise<readonly string[]> {
    const table = this.#tables.find(({ name }) => name.table === touch.table.table);
    if (table === undefined) throw new Error("a touch names an unknown table");
    const condition = conditionOf(touch, table);
    if (condition === undefined) return [];
    const found = await this.#rows(`SELECT ${keyText(table)} FROM shop.${table.name.table} WHERE ${condition}`);
    return found.map(([key]) => `${table.name.table}:${String(key)}`);
  }

  async #rows(sql: string): Promise<readonly (readonly unknown[])[]> {
    const [found] = await this.#connection.query({ sql, rowsAsArray: true });
    return found as unknown[][];
  }
}

function keyText(table: TableDefinition): string {
  return `CONCAT_WS('|', ${table.key.map((name) => `HEX(${identifier(name)})`).join(", ")})`;
}

function conditionOf(touch: Touch, table: TableDefinition): string | undefined {
  if (touch.kind === "keys") {
    const matches = (key: readonly Literal[]): string =>
      table.key.map((name, at) => `${identifier(name)} = ${literal(key[at] ?? { type: "null" })}`).join(" AND ");
    return touch.keys.map((key) => `(${matches(key)})`).join(" OR ");
  }
  if (touch.kind !== "where") return undefined;
  const predicate = superset(touch.predicate, () => true);
  return renderPredicate(predicate, { column: identifier, literal });
}

describe("the touch of a statement, at a real server", function () {
  this.timeout(120_000);
  let pair: DatabasePair;
  let connection: Connection;
  let trial: Trial;

  before(async () => {
    pair = await DatabasePair.open();
    connection = await createConnection({ socketPath: pair.sourceServer.socket, user: "root", dateStrings: true });
    for (const statement of [...schema, ...rows, "USE shop"]) await connection.query(statement);
    const tables = await readTables(pair.source, ["shop"], []);
    trial = new Trial(connection, [...tables.values()]);
  });

  after(async () => {
    await connection.end();
    await pair.close();
  });

  it(`holds every row that generated statements change (SUPERSET_SEED=${seed})`, async () => {
    const maker = new StatementMaker(seed);
    const deadline = Date.now() + budgetMs;
    let changes = 0;
    let cases = 0;
    for (; cases < caseCount && Date.now() < deadline; cases++) {
      const outcome = await trial.run(maker.next(), (touches) => touches);
      expect(outcome.missed, outcome.text).to.deep.equal([]);
      if (outcome.changed > 0) changes++;
    }

    expect(cases).to.be.greaterThan(500);
    expect(changes).to.be.greaterThan(cases / 10);
  });

  it("notices when the conflicting rows of an upsert are left out", async () => {
    const upsert = "INSERT INTO items (code, label) VALUES ('a', 'new') ON DUPLICATE KEY UPDATE price = 99";
    const outcome = await trial.run(upsert, (touches) => touches.filter(({ kind }) => kind !== "where"));

    expect(outcome.missed).to.deep.equal(["items:1"]);
  });
});
