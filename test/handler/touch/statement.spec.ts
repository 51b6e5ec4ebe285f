import { expect } from "chai";
import fc from "fast-check";
import type { TableDefinition } from "../../../handler/source/definition";
import { readBody, readStatement, type StatementContext } from "../../../handler/touch/statement";
import { TableIndex } from "../../../handler/touch/tableIndex";
import type { StatementEffects } from "../../../handler/touch/touch";
import { column } from "./definitions";

const name = { database: "shop", table: "orders" };
const text = { length: 20, characterSet: "utf8mb4", collation: "utf8mb4_general_ci" };
const orders: TableDefinition = {
  name,
  columns: [
    column("id", "int", { autoIncrement: true }),
    column("code", "varchar", text),
    column("n", "int", { nullable: true }),
  ],
  key: ["id"],
  uniqueKeys: [["code"]],
  partialUniqueKeys: false,
  autoIncrementKey: "id",
  transactional: true,
  setBeforeInsert: new Set(),
  setBeforeUpdate: new Set(),
};
const standard: StatementContext = {
  database: "shop",
  dialect: "mariadb",
  truncated: false,
  retcode: 0,
  tables: new TableIndex([orders]),
  now: undefined,
};

function read(sql: string, overrides: Partial<StatementContext> = {}): StatementEffects {
  return readStatement(sql, { ...standard, ...overrides });
}

function key(digits: string): { type: "number"; text: string } {
  return { type: "number", text: digits };
}

describe("readStatement", () => {
  it("names the key of an inserted row", () => {
    expect(read("INSERT INTO `orders` VALUES (007, 'a', NULL)").touches).to.deep.equal([
      { kind: "keys", table: name, keys: [[key("7")]] },
    ]);
  });

  it("follows the tail for a generated key, and for a zero both", () => {
    expect(read("INSERT INTO orders (code) VALUES ('a'), ('b')").touches).to.deep.equal([
      { kind: "tail", table: name },
    ]);
    expect(read("INSERT INTO orders (id, code) VALUES (0, 'a')").touches).to.deep.equal([
      { kind: "keys", table: name, keys: [[key("0")]] },
      { kind: "tail", table: name },
    ]);
  });

  it("finds the rows that a REPLACE overwrites by their unique values, N'..' included", () => {
    expect(read("REPLACE INTO orders (code) VALUES (N'a')").touches).to.deep.equal([
      { kind: "tail", table: name },
      {
        kind: "where",
        table: name,
        predicate: {
          kind: "compare",
          operator: "=",
          left: { kind: "column", name: "code" },
          right: { kind: "literal", literal: { type: "string", value: "a" } },
        },
        operation: "delete",
        changed: [],
        assigned: {},
      },
    ]);
  });

  it("widens when an update moves keys", () => {
    expect(read("UPDATE orders SET id = id + 1").touches).to.deep.equal([
      { kind: "all", table: name, reason: "key-change" },
    ]);
  });

  it("does not take a generated column to hold what it was assigned", () => {
    const total = column("total", "int", { generated: true, nullable: true });
    const tables = new TableIndex([{ ...orders, columns: [...orders.columns, total] }]);
    const [touch] = read("UPDATE orders SET n = 1, total = 2 WHERE n > 5", { tables }).touches;

    expect(touch).to.deep.include({
      kind: "where",
      changed: ["n", "total"],
      assigned: { n: { type: "number", text: "1" } },
    });
  });

  it("touches nothing when a condition names no key at all", () => {
    expect(read("DELETE FROM orders WHERE id = NULL").touches).to.deep.equal([]);
  });

  it("skips a failed plain statement but not a failed CALL", () => {
    expect(read("UPDATE orders SET n = 1 WHERE id = 1", { retcode: 1062 }).touches).to.deep.equal([]);
    expect(read("CALL fill(1)", { retcode: 1062 }).calls).to.deep.equal(["fill"]);
  });

  it("widens to the whole table when the text was cut behind its name, and to every table before it", () => {
    const whole = { kind: "all", table: name, reason: "truncated" };

    expect(read("INSERT INTO orders (code) VALUES ('a', 'b", { truncated: true }).touches).to.deep.equal([whole]);
    expect(read("UPDATE oth", { truncated: true }).touches).to.deep.equal([whole]);
    expect(read("WITH x AS (SELECT", { truncated: true }).touches).to.deep.equal([whole]);
  });

  it("widens when Aurora's log joined a comment with what followed it", () => {
    const effects = read("UPDATE orders SET n = 1 -- note WHERE id = 1", { dialect: "aurora" });

    expect(effects.touches).to.deep.equal([{ kind: "all", table: name, reason: "unparsable" }]);
  });

  it("reads a query without a touch, and notes the functions that it calls", () => {
    const effects = read("WITH x AS (SELECT 1) SELECT shop.fill(id), LOWER(code) FROM orders");

    expect(effects.touches).to.deep.equal([]);
    expect(effects.calls).to.deep.equal(["shop.fill"]);
  });

  it("reports a schema change and compares the table whole", () => {
    const effects = read("ALTER TABLE orders ADD COLUMN extra INT");

    expect(effects.schemaChange).to.equal(true);
    expect(effects.touches).to.deep.equal([{ kind: "all", table: name, reason: "ddl" }]);
  });

  it("takes a stored program for one statement, whatever its definer is called and wherever semicolons stand", () => {
    const trigger = "TRIGGER x AFTER INSERT ON a FOR EACH ROW BEGIN SET @a = 1; DELETE FROM orders WHERE id = 1; END";

    for (const definer of [
      "",
      "DEFINER=user@localhost ",
      "DEFINER = role@server ",
      "DEFINER='index'@'user' ",
      "DEFINER=CURRENT_USER() ",
    ]) {
      const effects = read(`CREATE OR REPLACE ${definer}${trigger}`);

      expect(effects.programChange, definer).to.equal(true);
      expect(effects.schemaChange, definer).to.equal(true);
      expect(effects.touches, definer).to.deep.equal([{ kind: "all", table: name, reason: "ddl" }]);
    }
  });

  it("compares every table of a database that is dropped or replaced", () => {
    const whole = { kind: "all", table: name, reason: "ddl" };

    expect(read("DROP DATABASE IF EXISTS shop").touches).to.deep.equal([whole]);
    expect(read("CREATE OR REPLACE DATABASE shop").touches).to.deep.equal([whole]);
    expect(read("CREATE DATABASE IF NOT EXISTS shop").touches).to.deep.equal([]);
  });

  it("never throws, whatever the text", () => {
    const pieces = fc.constantFrom(
      ..."insert update delete replace into orders set where values select with as begin not end call ( ) ' \" ` -- # /*! */ , = . ; @ \\ id code 1 0x 1e N' {".split(
        " ",
      ),
    );
    const sql = fc.oneof(
      fc.string(),
      fc.array(pieces, { maxLength: 40 }).map((parts) => parts.join(" ")),
    );
    fc.assert(
      fc.property(sql, fc.boolean(), (given, truncated) => {
        read(given, { truncated });
        readBody(given, standard, []);
      }),
      { numRuns: 3000 },
    );
  });

  it("reads deep nesting and long lists", () => {
    read(`DELETE FROM orders WHERE ${"(".repeat(200_000)}`);
    read(`DELETE FROM orders WHERE ${"NOT ".repeat(200_000)} id = 1`);
    const effects = read(`DELETE FROM orders WHERE id IN (${Array.from({ length: 100_000 }, (_, id) => id).join()})`);

    expect(effects.touches).to.have.length(1);
  });
});
