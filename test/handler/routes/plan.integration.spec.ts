import { expect } from "chai";
import { parseTargets } from "../../../handler/contract/routes";
import { planRoutes, type Plans } from "../../../handler/routes/plan";
import { readForeignKeys, readPrograms, readTables } from "../../../handler/source/catalog";
import { DatabasePair } from "../databasePair";

describe("planning routes over real tables", function () {
  this.timeout(60_000);
  let pair: DatabasePair;

  before(async () => {
    pair = await DatabasePair.open();
    await pair.both("CREATE DATABASE shop");
    const run = async (side: "source" | "target", ...statements: string[]): Promise<void> => {
      for (const statement of statements) await pair[side].run(statement, "test");
    };
    await run(
      "source",
      "CREATE TABLE shop.customers (id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY, email VARCHAR(50) UNIQUE, note TEXT)",
      "CREATE TABLE shop.keyless (n INT)",
      "CREATE TABLE shop.orders (id INT PRIMARY KEY, customer INT UNSIGNED, total DECIMAL(10,2), twice DECIMAL(10,2) AS (total * 2), changed TIMESTAMP DEFAULT NOW() ON UPDATE NOW(), FOREIGN KEY (customer) REFERENCES shop.customers (id) ON DELETE CASCADE)",
      "CREATE TABLE shop.wide (id INT PRIMARY KEY)",
      "CREATE TABLE shop.versioned (id INT PRIMARY KEY, n INT) WITH SYSTEM VERSIONING",
      "CREATE TABLE shop.prefixed (id INT PRIMARY KEY, body TEXT, UNIQUE KEY (body(10)))",
      "CREATE TRIGGER shop.before_order BEFORE INSERT ON shop.orders FOR EACH ROW SET NEW.total = NEW.total + 1",
    );
    await run(
      "target",
      "CREATE TABLE shop.customers (id INT UNSIGNED PRIMARY KEY, email VARCHAR(50), note TEXT)",
      "CREATE TABLE shop.orders (id INT PRIMARY KEY, customer INT UNSIGNED, total DECIMAL(10,2), twice DECIMAL(10,2) AS (total * 2), changed TIMESTAMP)",
      "CREATE TABLE shop.wide (id BIGINT PRIMARY KEY)",
      "CREATE TABLE shop.status (order_id INT PRIMARY KEY, total DECIMAL(10,2))",
      "CREATE TABLE shop.versioned (id INT PRIMARY KEY, n INT)",
      "CREATE TABLE shop.prefixed (id INT PRIMARY KEY, body TEXT)",
    );
  });
  after(async () => {
    await pair.close();
  });

  async function plan(...routes: unknown[]): Promise<Plans> {
    const [target] = parseTargets([{ name: "target", routes }]);
    const sources = await readTables(pair.source, ["shop"], await readPrograms(pair.source));
    return planRoutes(target?.routes ?? [], sources, await readTables(pair.target, ["shop"], []));
  }

  it("copies every column but generated ones and knows the key and the other unique keys", async () => {
    const { plans } = await plan({ source: "shop.orders" }, { source: "shop.customers" });
    const [orders, customers] = plans;

    expect(orders?.columns.map(({ source }) => source.name)).to.deep.equal(["id", "customer", "total", "changed"]);
    expect(orders?.partial).to.equal(false);
    expect(orders?.source.setBeforeInsert).to.deep.equal(new Set(["total"]));
    expect(orders?.source.columns.filter(({ onUpdate }) => onUpdate).map(({ name }) => name)).to.deep.equal([
      "changed",
    ]);
    expect(customers?.source.autoIncrementKey).to.equal("id");
    expect(customers?.source.uniqueKeys).to.deep.equal([["email"]]);
  });

  it("renames columns, filters rows and sees that the target shows less than the source has", async () => {
    const { plans } = await plan({
      source: "shop.orders",
      target: "shop.status",
      columns: { id: "order_id", total: "total" },
      where: { customer: [1, null], total: "9.50" },
    });

    expect(plans[0]?.id).to.equal("shop.status");
    expect(plans[0]?.partial).to.equal(true);
    expect(plans[0]?.filter).to.equal("(`customer` <=> 1 OR `customer` <=> NULL) AND (`total` <=> _utf8mb4'9.50')");
  });

  it("refuses by name what cannot be followed", async () => {
    const { stopped } = await plan(
      { source: "shop.keyless", target: "shop.status" },
      // Making the table would not help, so the key is what is asked for.
      { source: "shop.keyless", target: "shop.absent" },
      { source: "shop.wide" },
      { source: "shop.orders", target: "shop.missing" },
      { source: "shop.customers", columns: ["email"] },
    );

    expect(stopped.map(({ problem }) => problem)).to.deep.equal([
      "shop.keyless has no primary key and no unique key without NULLs; add one to the source",
      "shop.keyless has no primary key and no unique key without NULLs; add one to the source",
      "key column id of shop.wide is bigint but int at the source; give both the same type and collation",
      "the target has no table shop.missing; create it, or set followSchema: true on a same-named route",
      "the route leaves out key column id of shop.customers; add it to columns",
    ]);
  });

  it("spreads a wildcard over the database and lets a named route win", async () => {
    const { plans } = await plan({ source: "shop.*" }, { source: "shop.orders", columns: ["id", "total"] });

    expect(plans.map(({ id }) => id).sort()).to.deep.equal([
      "shop.customers",
      "shop.orders",
      "shop.prefixed",
      "shop.versioned",
    ]);
    expect(plans.find(({ id }) => id === "shop.orders")?.columns).to.have.length(2);
  });

  it("refuses tables whose names differ in case only, at either side", async () => {
    await pair.source.run("CREATE TABLE shop.Twin (id INT PRIMARY KEY)", "test");
    await pair.source.run("CREATE TABLE shop.twin (id INT PRIMARY KEY, n INT)", "test");
    await pair.target.run("CREATE TABLE shop.twin (id INT PRIMARY KEY)", "test");
    await pair.target.run("CREATE TABLE shop.STATUS (id INT PRIMARY KEY)", "test");

    const { plans, stopped } = await plan(
      { source: "shop.twin" },
      { source: "shop.wide", target: "shop.status", columns: { id: "order_id" } },
    );

    await pair.both("DROP TABLE shop.twin");
    await pair.source.run("DROP TABLE shop.Twin", "test");
    await pair.target.run("DROP TABLE shop.STATUS", "test");
    expect(plans).to.deep.equal([]);
    expect(stopped.map(({ problem }) => problem)).to.deep.equal([
      "the source's tables shop.Twin and shop.twin differ in case only, and nothing tells their statements apart; rename all but one",
      "the target's tables shop.STATUS and shop.status differ in case only, and nothing tells their statements apart; rename all but one",
    ]);
  });

  it("knows system versioning, unique prefixes and foreign keys for what they are", async () => {
    const { plans } = await plan({ source: "shop.versioned" }, { source: "shop.prefixed" });

    expect(plans[0]?.key.map(({ source }) => source.name)).to.deep.equal(["id"]);
    expect(plans[0]?.columns.map(({ source }) => source.name)).to.deep.equal(["id", "n"]);
    expect(plans[1]?.source.partialUniqueKeys).to.equal(true);
    expect(await readForeignKeys(pair.source)).to.deep.equal([
      {
        child: { database: "shop", table: "orders" },
        childColumns: ["customer"],
        parent: { database: "shop", table: "customers" },
        parentColumns: ["id"],
        onDelete: "CASCADE",
        onUpdate: "RESTRICT",
      },
    ]);
  });
});
