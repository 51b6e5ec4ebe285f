import { expect } from "chai";
import { identifier, literal } from "../../../handler/sql/text";
import { superset } from "../../../handler/touch/predicate";
import { renderPredicate } from "../../../handler/touch/render";
import type { StatementContext } from "../../../handler/touch/statement";
import type { Touch } from "../../../handler/touch/touch";
import { autoIncrement, column, nullable, readerOf, table } from "./definitions";

const read = readerOf([
  table("orders", [column("id", "int", autoIncrement), column("code", "varchar(20)"), column("n", "int", nullable)], {
    uniqueKeys: [["code"]],
  }),
  table("crm.orders", [column("id", "int"), column("state", "varchar(20)")]),
  table("items", [column("a", "int"), column("b", "varchar(10)"), column("n", "int", nullable)], { key: ["a", "b"] }),
  table("select", [column("key", "int"), column("from", "varchar(10)")]),
  table("odd `name", [column("id", "int"), column("a b", "varchar(10)")]),
  table("made", [
    column("id", "int"),
    column("n", "int"),
    column("twice", "int", { generated: true }),
    column("hidden", "int", { ...nullable, invisible: true }),
  ]),
  table("flat", [column("id", "int"), column("n", "int")], { transactional: false }),
]);

/** `orders[1 2]`: keys. `orders+`: generated keys. `orders{..}`: condition. `orders* ddl`: the whole table, and why. */
function short(touch: Touch): string {
  const name = touch.table.database === "shop" ? touch.table.table : `${touch.table.database}.${touch.table.table}`;
  switch (touch.kind) {
    case "keys":
      return `${name}[${touch.keys.map((key) => key.map(literal).join("/")).join(" ")}]`;
    case "tail":
      return `${name}+`;
    case "all":
      return `${name}* ${touch.reason}`;
    case "where":
      return `${name}{${renderPredicate(
        superset(touch.predicate, () => true),
        { column: identifier, literal },
      )}}`;
  }
}

function touched(sql: string, overrides?: Partial<StatementContext>): string {
  return read(sql, overrides).touches.map(short).join(", ");
}

/** Statement → what it touches, in the notation of {@link short}. */
function itReads(title: string, cases: Readonly<Record<string, string>>, overrides?: Partial<StatementContext>): void {
  it(title, () => {
    for (const [sql, expected] of Object.entries(cases)) expect(touched(sql, overrides), sql).to.equal(expected);
  });
}

const everything =
  "orders* REASON, crm.orders* REASON, items* REASON, select* REASON, odd `name* REASON, made* REASON, flat* REASON";
const all = (reason: string): string => everything.replaceAll("REASON", reason);

describe("the forms of statements", () => {
  itReads("UPDATE of one table", {
    "UPDATE orders SET n = 1 WHERE id = 5": "orders[5]",
    "update LOW_PRIORITY IGNORE `orders` SET n = 1 WHERE id = 5 ORDER BY n LIMIT 3": "orders[5]",
    "UPDATE orders AS o SET o.n = 1 WHERE o.id = 5": "orders[5]",
    "UPDATE orders PARTITION (p0, p1) SET n = 1 WHERE id = 5": "orders[5]",
    "UPDATE orders FOR PORTION OF validity FROM '2024-01-01' TO '2024-02-01' SET n = 1 WHERE id = 5":
      "orders* unknown-key",
    "UPDATE orders SET n = 1": "orders{TRUE}",
    "UPDATE orders SET id = 9 WHERE id = 5": "orders[5 9]",
    "UPDATE orders SET id = id + 1": "orders* key-change",
    "UPDATE items SET b = 'x' WHERE a = 1 AND b = 'y'": "items[1/_utf8mb4'y' 1/_utf8mb4'x']",
    "UPDATE orders SET n = (SELECT MAX(n) FROM items) WHERE id IN (5, 6)": "orders[5 6]",
    "UPDATE made SET n = 3 WHERE twice = 4": "made{(`twice` = 4)}",
  });

  itReads("UPDATE of several tables", {
    "UPDATE orders o JOIN items i ON i.n = o.n SET o.n = 1, i.n = 2 WHERE o.id = 5 AND i.a = 6":
      "orders[5], items{(`a` = 6)}",
    "UPDATE orders, items SET orders.n = 1 WHERE orders.id = items.a AND orders.id = 5": "orders[5]",
    "UPDATE orders LEFT JOIN crm.orders AS c USING (id) SET c.state = 'x' WHERE c.id = 7": "crm.orders[7]",
    "UPDATE (orders o CROSS JOIN (SELECT 1 AS one) d) SET o.n = d.one WHERE o.id = 5": "orders[5]",
    "UPDATE orders o JOIN elsewhere e ON e.id = o.id SET appeared = 1 WHERE o.id = 5": "orders[5]",
  });

  itReads("DELETE", {
    "DELETE QUICK FROM orders WHERE id = 5 LIMIT 1": "orders[5]",
    "DELETE FROM orders PARTITION (p0) WHERE id = 5 RETURNING *": "orders[5]",
    "DELETE FROM orders": "orders{TRUE}",
    "DELETE o, i.* FROM orders o JOIN items AS i ON i.n = o.n WHERE o.id = 5": "orders[5], items* unknown-predicate",
    "DELETE FROM o USING orders o JOIN items i ON i.a = o.id WHERE o.id = 5": "orders[5]",
    "DELETE shop.orders FROM shop.orders, crm.orders WHERE shop.orders.id = 5": "orders* unknown-predicate",
    "DELETE HISTORY FROM orders BEFORE SYSTEM_TIME NOW()": "",
    "DELETE FROM orders FOR PORTION OF p FROM '2024-01-01' TO '2024-02-01'": "orders* unknown-key",
  });

  itReads("INSERT", {
    "INSERT INTO orders VALUES (5, 'a', NULL), (6, 'b', 1)": "orders[5 6]",
    "INSERT DELAYED IGNORE orders (id) VALUE (5)": "orders[5]",
    "INSERT INTO orders PARTITION (p0) (n, id) VALUES (1, 5)": "orders[5]",
    "INSERT INTO orders SET id = 5, n = 2": "orders[5]",
    "INSERT INTO orders VALUES ROW(5, 'a', 1), ROW(6, 'b', 1)": "orders[5 6]",
    "INSERT INTO orders () VALUES ()": "orders+",
    "INSERT INTO orders (code) VALUES ('a') RETURNING id": "orders+",
    "INSERT INTO made VALUES (5, 1, DEFAULT)": "made[5]",
    "INSERT INTO made (id, n, hidden) VALUES (5, 1, 7)": "made[5]",
    "INSERT INTO items (a, b) VALUES (1, 'x'), (LAST_INSERT_ID(), 'y')": "items* unknown-key",
    "INSERT INTO items (a, b) SELECT 1, 'x'": "items[1/_utf8mb4'x']",
    "INSERT INTO items (a, b) SELECT id, 'x' FROM orders": "items* unknown-key",
    "INSERT INTO items TABLE elsewhere": "items* insert-select",
    "INSERT INTO items (a, b) (SELECT 1, 'x')": "items* insert-select",
    "INSERT INTO orders (code) SELECT b FROM items": "orders+",
    "INSERT INTO orders (id, code) SELECT 5, 'x' FROM items a JOIN items b ON (a.n = b.n) UNION SELECT 9, 'y'":
      "orders* insert-select",
    "INSERT INTO items (a, b) WITH w AS (SELECT 1) SELECT 1, 'x' FROM w": "items* insert-select",
    "INSERT INTO elsewhere SELECT * FROM orders": "",
  });

  itReads("upserts and REPLACE", {
    "INSERT INTO items VALUES (1, 'x', 2) ON DUPLICATE KEY UPDATE n = n + 1": "items[1/_utf8mb4'x']",
    "INSERT INTO orders (code) VALUES ('a') AS new(c) ON DUPLICATE KEY UPDATE n = c":
      "orders+, orders{(`code` = _utf8mb4'a')}",
    "INSERT INTO orders (id, code) VALUES (5, 'a') ON DUPLICATE KEY UPDATE id = 8": "orders* key-change",
    "INSERT INTO items (a, b) SELECT 1, 'x' FROM orders o JOIN items i ON (o.n = i.n) ON DUPLICATE KEY UPDATE a = 7":
      "items* key-change",
    "INSERT INTO orders (code) VALUES ('a') ON DUPLICATE KEY UPDATE id = LAST_INSERT_ID(id)":
      "orders[2147483647], orders+, orders{(`code` = _utf8mb4'a')}",
    "REPLACE orders (id, code) VALUES (5, 'a')": "orders[5], orders{(`code` = _utf8mb4'a')}",
    "REPLACE INTO items SET a = 1, b = 'x'": "items[1/_utf8mb4'x']",
  });

  itReads("common table expressions", {
    "WITH x AS (SELECT 1 AS id) UPDATE orders JOIN x ON x.id = orders.n SET orders.n = 2 WHERE orders.id = 5":
      "orders[5]",
    "WITH RECURSIVE x (id) AS (SELECT 1 UNION SELECT id + 1 FROM x) DELETE FROM orders WHERE id = 5": "orders[5]",
    "WITH items AS (SELECT 1 AS a) UPDATE items i JOIN shop.items s ON s.a = i.a SET s.n = 1 WHERE s.a = 1 AND s.b = 'x'":
      "items[1/_utf8mb4'x']",
    "WITH x AS (SELECT 1) SELECT * FROM x, orders": "",
  });

  itReads("whole tables and schemas", {
    "LOAD DATA LOCAL INFILE 'x' REPLACE INTO TABLE orders FIELDS TERMINATED BY ','": "orders* load-data",
    "LOAD XML INFILE 'x' INTO TABLE crm.orders": "crm.orders* load-data",
    "TRUNCATE TABLE orders": "orders* truncate",
    "TRUNCATE crm.orders": "crm.orders* truncate",
    "DROP TABLE IF EXISTS items, made": "items* ddl, made* ddl",
    "RENAME TABLE orders TO old, fresh TO items": "orders* ddl, crm.orders* ddl, items* ddl",
    "ALTER TABLE items EXCHANGE PARTITION p WITH TABLE made": "items* ddl, made* ddl",
    "CREATE OR REPLACE TABLE items (a INT)": "items* ddl",
    "CREATE TABLE copy LIKE orders": "",
    "CREATE UNIQUE INDEX u ON items (n)": "items* ddl",
    "CREATE INDEX i ON items (n)": "",
    "DROP DATABASE crm": "crm.orders* ddl",
    "CREATE SEQUENCE s": "",
    "CREATE TEMPORARY TABLE orders (id INT)": "",
    "DROP TEMPORARY TABLE orders": "",
    "ALTER TABLE flat IMPORT TABLESPACE": "flat* ddl",
    "IMPORT TABLE FROM 'x.sdi'": "flat* ddl",
  });

  itReads("stored programs that appear, by what they name", {
    "CREATE TRIGGER t AFTER INSERT ON items FOR EACH ROW BEGIN UPDATE made SET n = 1; END": "items* ddl, made* ddl",
    "CREATE DEFINER=`a`@`b` VIEW v AS SELECT * FROM made": "select* ddl, made* ddl",
    "CREATE PROCEDURE p() DELETE FROM flat": "flat* ddl",
  });

  itReads("statements that write nothing by themselves", {
    "SELECT * FROM orders WHERE id = 5 FOR UPDATE": "",
    "(SELECT id FROM orders) UNION (SELECT a FROM items)": "",
    "TABLE orders": "",
    "VALUES ROW(1, 2)": "",
    "HANDLER orders READ FIRST": "",
    "LOCK TABLES orders WRITE": "",
    "XA START 'a'": "",
    "XA COMMIT 'a'": "",
    BEGIN: "",
    "SAVEPOINT a": "",
    "ROLLBACK TO a": "",
    "PREPARE s FROM 'UPDATE orders SET n = 1'": "",
    "EXPLAIN UPDATE orders SET n = 1": "",
    "ANALYZE TABLE orders": "",
    "DO NEXTVAL(s)": "",
    "SET @a = 1": "",
    "DO SLEEP(1)": "",
  });

  itReads("statements inside others", {
    "SET STATEMENT max_statement_time = 5 FOR UPDATE orders SET n = 1 WHERE id = 5": "orders[5]",
    "ANALYZE FORMAT=JSON UPDATE orders SET n = 1 WHERE id = 5": "orders[5]",
    "BEGIN NOT ATOMIC DECLARE id INT; UPDATE orders SET n = 1 WHERE orders.id = 5; DELETE FROM made WHERE id = 3; END":
      "orders[5], made* unknown-predicate",
    "IF 1 THEN UPDATE orders SET n = 1 WHERE id = 5; END IF": "orders[5]",
    "UPDATE orders SET n = 1 WHERE id = 5; DELETE FROM made WHERE id = 3": "orders[5], made[3]",
    "UPDATE orders SET n =  NAME_CONST('n',3) WHERE id =  NAME_CONST('k',5)": "orders[5]",
    "DELETE FROM items WHERE a = 1 AND b =  NAME_CONST('x',_utf8mb4'y' COLLATE 'utf8mb4_general_ci')":
      "items[1/_utf8mb4'y']",
    "DELETE FROM items WHERE a = 1 AND b =  NAME_CONST('x',_latin1'y' COLLATE 'latin1_swedish_ci')": "items{(`a` = 1)}",
    "EXECUTE s": all("unknown-statement"),
    "EXECUTE IMMEDIATE @sql": all("unknown-statement"),
    "BINLOG 'AAAA'": all("unknown-statement"),
    "CLONE INSTANCE FROM 'a'@'b':3306 IDENTIFIED BY 'c'": all("ddl"),
    "FROBNICATE orders": all("unknown-statement"),
  });

  itReads("prepared text whose values are not in the log", {
    "UPDATE orders SET n = ? WHERE id = ?": "orders* unknown-predicate",
    "UPDATE orders SET n = ? WHERE id = 5 AND n = ?": "orders[5]",
    "INSERT INTO orders (code, n) VALUES (?, ?)": "orders+",
    "INSERT INTO orders (id, n) VALUES (?, ?)": "orders* unknown-key",
    "UPDATE orders SET id = ? WHERE id = 5": "orders* key-change",
  });

  itReads("comments, executable or not", {
    "/* a */ UPDATE /* b */ orders SET n = 1 WHERE id = 5 # c": "orders[5]",
    "-- a\nUPDATE orders SET n = 1\n-- b\nWHERE id = 5": "orders[5]",
    "/*!40101 UPDATE orders SET n = 1 WHERE id = 5 */": "orders[5]",
    "UPDATE orders SET n = 1 /*! WHERE id = 5 */": "orders[5]",
    "UPDATE orders SET n = 1 WHERE id = 5 /*!80013 OR TRUE */": "orders* unparsable, crm.orders* unparsable",
    "UPDATE orders SET n = 1 /*M!100100 WHERE id = 5 */": "orders* unparsable, crm.orders* unparsable",
    "UPDATE orders SET n = 5--1 WHERE id = 5": "orders[5]",
  });

  itReads("names", {
    "UPDATE `shop`.`orders` SET n = 1 WHERE `shop`.`orders`.`id` = 5": "orders[5]",
    "UPDATE crm . orders SET state = 'x' WHERE id = 5": "crm.orders[5]",
    "UPDATE ORDERS SET N = 1 WHERE ID = 5": "orders[5]",
    "UPDATE `select` SET `from` = 'x' WHERE `key` = 5": "select[5]",
    "UPDATE shop.select SET `from` = 'x' WHERE shop.select.key = 5": "select[5]",
    "UPDATE `odd ``name` SET `a b` = 'x' WHERE `odd ``name`.id = 5": "odd `name[5]",
    'UPDATE "orders" SET "n" = 1 WHERE "id" = 5': "orders[5]",
    'UPDATE orders SET n = 1 WHERE "id" = 5': "orders* unknown-predicate",
    'DELETE FROM orders WHERE code = "abc"': "orders{(`code` = _utf8mb4'abc')}",
  });

  itReads(
    "names without a known database",
    {
      "UPDATE orders SET n = 1 WHERE id = 5": "orders[5], crm.orders[5]",
      "DELETE FROM crm.orders WHERE id = 5": "crm.orders[5]",
    },
    { database: "" },
  );

  itReads("literals", {
    "DELETE FROM orders WHERE id = 0x1F": "orders[31]",
    "DELETE FROM orders WHERE id = b'101'": "orders[5]",
    "DELETE FROM orders WHERE id = '5'": "orders[5]",
    "DELETE FROM orders WHERE id = -5": "orders[(-5)]",
    "DELETE FROM orders WHERE id = 5e0": "orders{(`id` = 5e0)}",
    "DELETE FROM orders WHERE id = 18446744073709551616": "orders[18446744073709551616]",
    "DELETE FROM orders WHERE n = 12345678901234567890123456789012345678901234567890123456789012345":
      "orders{(`n` = 12345678901234567890123456789012345678901234567890123456789012345)}",
    "DELETE FROM orders WHERE code = 'a' 'b'": "orders{(`code` = _utf8mb4'ab')}",
    "DELETE FROM orders WHERE code = N'a' AND id > 1": "orders{((`code` = _utf8mb4'a') AND (`id` > 1))}",
    "DELETE FROM orders WHERE code = _latin1'a'": "orders{(`code` = _utf8mb4'a')}",
    "DELETE FROM orders WHERE code = _utf8mb4'a' COLLATE utf8mb4_bin": "orders{(`code` IN (_utf8mb4'a'))}",
    "DELETE FROM orders WHERE code = X'61'": "orders* unknown-predicate",
    "DELETE FROM orders WHERE code = 'it''s'": "orders{(`code` = _utf8mb4'it\\'s')}",
    "DELETE FROM orders WHERE id = NULL": "",
  });

  itReads("conditions of which only a part is known", {
    "DELETE FROM orders WHERE id > 5 AND RAND() < 0.5": "orders{(`id` > 5)}",
    "DELETE FROM orders WHERE id > 5 OR RAND() < 0.5": "orders* unknown-predicate",
    "DELETE FROM orders WHERE NOT (id > 5 OR RAND() < 0.5)": "orders{(NOT (`id` > 5))}",
    "DELETE FROM orders WHERE n BETWEEN 1 AND @x": "orders* unknown-predicate",
    "DELETE FROM orders WHERE code REGEXP '^a'": "orders* unknown-predicate",
    "DELETE FROM orders WHERE n = shop.f(1) AND id = 5": "orders[5]",
    "DELETE FROM orders WHERE id IN (SELECT a FROM items)": "orders* unknown-predicate",
  });

  itReads(
    "Aurora's spaces, each of which may have been a line break",
    {
      "DELETE FROM items WHERE b = 'x y' AND a = 1":
        "items[1/_utf8mb4'x y' 1/_utf8mb4'x\ny' 1/_utf8mb4'x\ty' 1/_utf8mb4'x\ry']",
      "DELETE FROM orders WHERE code = 'a b c d e' AND n = 1":
        "orders{((REPLACE(REPLACE(REPLACE(`code`, _utf8mb4'\n', _utf8mb4' '), _utf8mb4'\t', _utf8mb4' '), _utf8mb4'\r', _utf8mb4' ') IN (_utf8mb4'a b c d e')) AND (`n` = 1))}",
      "UPDATE orders SET n = 1 # WHERE id = 5": "orders* unparsable, crm.orders* unparsable",
      "UPDATE orders SET n = 1 /* a */ WHERE id = 5": "orders[5]",
    },
    { dialect: "aurora" },
  );

  itReads("backslashes that end a text in one mode only, by what the server accepted", {
    "UPDATE orders SET code = 'O\\'Brien' WHERE id = 5": "orders[5]",
    "UPDATE orders SET code = 'C:\\' WHERE id = 5": "orders[5]",
  });

  itReads(
    "failed statements",
    {
      "UPDATE orders SET n = 1 WHERE id = 5": "",
      "UPDATE flat SET n = 1 WHERE id = 5": "flat[5]",
      "ALTER TABLE items ADD x INT": "items* ddl",
      "BEGIN NOT ATOMIC UPDATE orders SET n = 1 WHERE id = 5; END": "orders[5]",
    },
    { retcode: 1062 },
  );

  itReads(
    "statements whose answer failed after the commit",
    { "INSERT INTO orders (id) VALUES (5) RETURNING id": "orders[5]" },
    { retcode: 1160 },
  );

  itReads(
    "cut texts",
    {
      "INSERT INTO orders (code) VALUES ('a', 'b": "orders* truncated",
      "UPDATE orders SET n = 'abc": "orders* truncated, crm.orders* truncated",
      "UPDATE ord": all("truncated"),
      "CALL p('abc": all("truncated"),
      "SELECT * FROM orders WHERE a = 'b": "",
      "CREATE PROCEDURE p() BEGIN DELETE": all("truncated"),
    },
    { truncated: true },
  );

  it("notes every function that may be a stored one", () => {
    expect(read("SELECT shop.f(1), `g`(2), LOWER('a'), shop . lower(3), count (4), count(5)").calls).to.deep.equal([
      "shop.f",
      "g",
      "shop.lower",
      "count",
    ]);
    expect(read("CALL other.p(f(1))").calls).to.deep.equal(["other.p", "f"]);
  });

  it("tells a schema change, and the end of what stood behind other texts", () => {
    const told = (sql: string): readonly string[] => {
      const { schemaChange, programChange, tablesGone } = read(sql);
      return Object.entries({ schemaChange, programChange, tablesGone }).flatMap(([name, is]) => (is ? [name] : []));
    };

    expect(told("ALTER TABLE items ADD COLUMN event INT")).to.deep.equal(["schemaChange"]);
    expect(told("CREATE TRIGGER t AFTER INSERT ON items FOR EACH ROW DO 1")).to.deep.equal(["schemaChange"]);
    expect(told("DROP TRIGGER t")).to.deep.equal(["schemaChange", "programChange"]);
    expect(told("DROP TABLE items")).to.deep.equal(["schemaChange", "tablesGone"]);
    expect(told("CREATE OR REPLACE TABLE items (id INT)")).to.deep.equal(["schemaChange", "tablesGone"]);
    expect(told("DROP TEMPORARY TABLE items")).to.deep.equal([]);
    expect(told("RENAME TABLE items TO made")).to.deep.equal(["schemaChange", "tablesGone"]);
    expect(told("ALTER TABLE items RENAME TO made")).to.deep.equal(["schemaChange", "tablesGone"]);
    expect(told("ALTER TABLE items DROP FOREIGN KEY of_order")).to.deep.equal(["schemaChange", "tablesGone"]);
    expect(told("DROP DATABASE shop")).to.deep.equal(["schemaChange", "programChange"]);
    expect(told("CREATE OR REPLACE VIEW v AS SELECT 1")).to.deep.equal(["schemaChange", "programChange"]);
    expect(told("ALTER EVENT e DISABLE")).to.deep.equal(["schemaChange", "programChange"]);
    expect(told("/*!50100 ALTER TABLE items ADD x INT */ /*!80000 INVISIBLE */")).to.deep.equal([
      "schemaChange",
      "programChange",
    ]);
    expect(told("CREATE USER a")).to.deep.equal([]);
  });
});
