import { expect } from "chai";
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { parseTargets } from "../../../handler/contract/routes";
import type { LogSource } from "../../../handler/log/event";
import { Session } from "../../../handler/sql/connection";
import { openDatabases } from "../../../handler/sql/sessions";
import { Worker, type Outcome } from "../../../handler/sync/worker";
import { startMariadb, type Mariadb } from "../../../local/mariadb";
import { texts } from "../databasePair";

describe("the worker", function () {
  this.timeout(60_000);
  let sourceServer: Mariadb;
  let targetServer: Mariadb;
  let source: Session;
  let target: Session;
  let worker: Worker;
  let offset = 0;

  before(async () => {
    [sourceServer, targetServer] = await Promise.all([
      startMariadb({ name: "source", audit: true }),
      startMariadb({ name: "target" }),
    ]);
    source = await Session.open("source", sourceServer.rootConnection, ["SET character_set_connection = utf8mb4"]);
    target = await Session.open("target", targetServer.rootConnection, ["SET character_set_connection = utf8mb4"]);
    for (const session of [source, target]) {
      for (const sql of [
        "CREATE DATABASE shop",
        "CREATE TABLE shop.orders (id INT AUTO_INCREMENT PRIMARY KEY, status VARCHAR(20), n INT)",
        "CREATE TABLE shop.users (id INT PRIMARY KEY, email VARCHAR(50) UNIQUE)",
      ]) {
        await session.run(sql, "test");
      }
    }
    worker = newWorker();
    await run([]);
    await run([]);
    await writtenSince();
  });
  after(async () => {
    await worker.close();
    await source.close();
    await target.close();
    await Promise.all([sourceServer.remove(), targetServer.remove()]);
  });

  function newWorker(): Worker {
    const [routes] = parseTargets([{ name: "target", routes: [{ source: "shop.*" }] }]);
    return new Worker({
      databases: openDatabases({
        source: () => Promise.resolve(sourceServer.rootConnection),
        target: () => Promise.resolve(targetServer.rootConnection),
      }),
      routes: routes?.routes ?? [],
      targetName: "target",
      stateDatabase: "audit_sync",
      excludedUsers: new Set(),
      heartbeatUser: undefined,
      verify: { settleMs: 0, repair: false },
    });
  }

  async function run(sources: readonly LogSource[]): Promise<Outcome> {
    return await worker.run(sources, Date.now() + 5_000);
  }

  /** The audit log's lines since the last call. A record is written after its answer, so one more statement is awaited. */
  async function writtenSince(): Promise<readonly string[]> {
    await source.run("DO 0", "test");
    const text = readFileSync(sourceServer.auditFile, "utf8");
    const fresh = text.slice(offset);
    offset = text.length;
    return fresh.split("\n").filter((line) => line !== "");
  }

  function envelope(lines: readonly string[]): LogSource {
    const content = {
      messageType: "DATA_MESSAGE",
      owner: "123456789012",
      logGroup: "/aws/rds/cluster/shop/audit",
      logStream: "shop-1.audit.log.0",
      subscriptionFilters: ["audit-sync"],
      logEvents: lines.map((message, index) => ({ id: String(index), timestamp: Date.now(), message })),
    };
    return { sequenceNumber: "1", data: gzipSync(JSON.stringify(content)).toString("base64") };
  }

  async function follow(): Promise<Outcome> {
    return await run([envelope(await writtenSince())]);
  }

  async function failure(sources: readonly LogSource[]): Promise<string> {
    return await run(sources).then(
      () => "none",
      (error: unknown) => (error as Error).message,
    );
  }

  async function expectEqual(table: string): Promise<void> {
    const sql = `SELECT * FROM ${table} ORDER BY id`;
    expect(await texts(target, sql)).to.deep.equal(await texts(source, sql));
  }

  it("follows inserts, updates and deletes by key, predicate and generated key", async () => {
    await source.run("INSERT INTO shop.orders (status, n) VALUES ('new', 1), ('new', 2), ('paid', 3)", "test");
    await source.run("UPDATE shop.orders SET n = n + 10 WHERE status = 'new'", "test");
    await source.run("DELETE FROM shop.orders WHERE id = 3", "test");

    const outcome = await follow();

    await expectEqual("shop.orders");
    expect(outcome.touches).to.deep.equal({ keys: 1, where: 1, tail: 1, all: 0 });
    expect(await texts(target, "SELECT COUNT(*) FROM shop.orders")).to.deep.equal([["2"]]);
  });

  it("keeps what an open transaction touched until it is over", async () => {
    await source.run("START TRANSACTION", "test");
    await source.run("UPDATE shop.orders SET n = 99 WHERE id = 1", "test");
    const during = await follow();
    await source.run("COMMIT", "test");

    const after = await run([]);

    expect(during.pending.count).to.equal(1);
    expect(after.pending.count).to.equal(0);
    await expectEqual("shop.orders");
  });

  it("needs no care for a rollback, a duplicate or another order", async () => {
    await source.run("START TRANSACTION", "test");
    await source.run("DELETE FROM shop.orders", "test");
    await source.run("ROLLBACK", "test");
    await source.run("INSERT INTO shop.users VALUES (1, 'a'), (2, 'b')", "test");
    await source.run("UPDATE shop.users SET email = CONCAT('x', email)", "test");
    await source.run("UPDATE shop.users SET email = 'xb' WHERE id = 1 AND FALSE OR id = 7", "test");
    const lines = [...(await writtenSince())].reverse();

    await run([envelope(lines), envelope(lines)]);

    await expectEqual("shop.orders");
    await expectEqual("shop.users");
  });

  it("empties the target's table after TRUNCATE", async () => {
    await source.run("TRUNCATE TABLE shop.orders", "test");

    await follow();

    expect(await texts(target, "SELECT COUNT(*) FROM shop.orders")).to.deep.equal([["0"]]);
  });

  it("copies rows whose generated keys were given out before the TRUNCATE", async () => {
    await source.run("INSERT INTO shop.orders (status, n) VALUES ('a', 1), ('b', 2), ('c', 3), ('d', 4)", "test");
    await follow();
    await source.run("TRUNCATE TABLE shop.orders", "test");
    await follow();
    await source.run("INSERT INTO shop.orders (status, n) VALUES ('e', 1), ('f', 2)", "test");

    await follow();

    await expectEqual("shop.orders");
  });

  it("sets unreadable records and lines aside and follows the healthy ones of the batch", async () => {
    await source.run("INSERT INTO shop.orders (status, n) VALUES ('after', 5)", "test");
    const garbage: LogSource = { sequenceNumber: "0", data: Buffer.from("not gzip at all").toString("base64") };

    const outcome = await run([garbage, envelope(["this is no audit line about orders", ...(await writtenSince())])]);

    expect(outcome.dead).to.equal(2);
    await expectEqual("shop.orders");
    expect(await texts(target, "SELECT kind, payload FROM audit_sync.dead ORDER BY id")).to.deep.equal([
      ["record", "not gzip at all"],
      ["line", "this is no audit line about orders"],
    ]);
  });

  it("sets aside a row that the target refuses, and copies the rest", async () => {
    await target.run("ALTER TABLE shop.users ADD CHECK (email <> 'refused')", "test");
    await source.run("INSERT INTO shop.users VALUES (10, 'fine'), (11, 'refused'), (12, 'too')", "test");

    const outcome = await follow();

    expect(outcome.dead).to.equal(3);
    expect(await texts(target, "SELECT id FROM shop.users WHERE id >= 10")).to.deep.equal([["10"], ["12"]]);
    await target.run("DELETE FROM audit_sync.dead", "test");
    await source.run("DELETE FROM shop.users WHERE id = 11", "test");
    await follow();
  });

  it("stops only the route whose table is missing, and catches up when it is there", async () => {
    await source.run("CREATE TABLE shop.later (id INT PRIMARY KEY, n INT)", "test");
    await source.run("INSERT INTO shop.later VALUES (1, 1)", "test");
    await source.run("INSERT INTO shop.users VALUES (20, 'meanwhile')", "test");
    const stopped = await follow();
    await expectEqual("shop.users");
    await target.run("CREATE TABLE shop.later (id INT PRIMARY KEY, n INT)", "test");

    const mended = await run([]);

    expect(stopped.stopped).to.deep.equal([
      "shop.later → shop.later: the target has no table shop.later; create it, or set followSchema: true on a same-named route",
    ]);
    expect(mended.stopped).to.deep.equal([]);
    await expectEqual("shop.later");
  });

  for (const side of ["source", "target"] as const) {
    it(`stops only the route whose table the ${side} cannot open, and catches up when it can`, async () => {
      const [broken, whole] = side === "source" ? [source, target] : [target, source];
      const create = "CREATE TABLE shop.broken (id INT AUTO_INCREMENT PRIMARY KEY, n INT)";
      for (const session of [source, target]) await session.run(create, "test");
      await follow();
      await source.run("INSERT INTO shop.broken (n) VALUES (1)", "test");
      await source.run("UPDATE shop.users SET email = 'while broken' WHERE id = 20", "test");
      await broken.run("ALTER TABLE shop.broken DISCARD TABLESPACE", "test");

      const stopped = await follow();

      const problem = /^shop\.broken: .*ER_TABLESPACE_DISCARDED \(1814\); repair the table/u;
      expect(stopped.stopped.map((each) => problem.test(each))).to.deep.equal([true]);
      await expectEqual("shop.users");
      // Nor when it begins: its AUTO_INCREMENT tail is read before any route goes on.
      worker = newWorker();
      expect((await run([])).stopped.map((each) => problem.test(each))).to.deep.equal([true]);
      await broken.run("DROP TABLE shop.broken", "test");
      await broken.run(create, "test");
      await whole.run("DELETE FROM shop.broken", "test");
      await source.run("INSERT INTO shop.broken (n) VALUES (2)", "test");
      await follow();
      expect((await run([])).stopped).to.deep.equal([]);
      await expectEqual("shop.broken");
      for (const session of [source, target]) await session.run("DROP TABLE shop.broken", "test");
      await follow();
    });
  }

  it("stops a route that meets an unknown error three times in a row, so that the others go on", async () => {
    for (const session of [source, target]) {
      await session.run("CREATE TABLE shop.odd (id INT PRIMARY KEY)", "test");
    }
    await follow();
    await target.run(
      "CREATE TRIGGER shop.refuse BEFORE INSERT ON shop.odd FOR EACH ROW SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = 9999",
      "test",
    );
    await source.run("INSERT INTO shop.odd VALUES (1)", "test");
    await source.run("UPDATE shop.users SET email = 'odd' WHERE id = 20", "test");
    const batch = [envelope(await writtenSince())];
    const failures = [await failure(batch), await failure(batch)];

    const { stopped } = await run(batch);

    expect(failures).to.deep.equal(Array(2).fill("writing shop.odd at the target: Error (9999)"));
    expect(stopped).to.have.lengthOf(1);
    expect(stopped[0]).to.match(/^shop.odd: writing .*\(9999\); it is tried again; look the error's number up/u);
    await expectEqual("shop.users");
    await target.run("DROP TRIGGER shop.refuse", "test");
    expect((await run([])).stopped).to.deep.equal([]);
    await expectEqual("shop.odd");
  });

  it("knows what a dropped table set off while it was there, and takes another one for nothing more than it was", async () => {
    await source.run("CREATE TABLE shop.entries (id INT PRIMARY KEY)", "test");
    await source.run(
      "CREATE TRIGGER shop.count_entry AFTER INSERT ON shop.entries FOR EACH ROW UPDATE shop.orders SET n = n + 1",
      "test",
    );
    await source.run("CREATE TABLE shop.scratch (id INT PRIMARY KEY)", "test");
    await follow();
    await source.run("INSERT INTO shop.entries VALUES (1)", "test");
    const late = await writtenSince();
    await source.run("DROP TABLE shop.entries", "test");
    const dropped = await writtenSince();
    // Reads its picture when the table is gone; only then do the records arrive.
    worker = newWorker();

    const outcome = await run([envelope([...dropped, ...late])]);

    await expectEqual("shop.orders");
    expect(outcome.touches.all).to.be.greaterThan(0);
    await source.run("DROP TABLE shop.scratch", "test");
    const scratch = await follow();
    expect(scratch.widenings).to.deep.equal(new Map());
  });

  it("compares a table that a statement wrote without its text or the metadata saying so", async () => {
    for (const session of [source, target]) {
      await session.run("CREATE TABLE shop.part (id INT PRIMARY KEY, n INT) ENGINE = MyISAM", "test");
    }
    await source.run("CREATE DATABASE other", "test");
    await source.run(
      "CREATE TABLE other.joined (id INT NOT NULL, n INT, PRIMARY KEY (id)) ENGINE = MERGE UNION = (shop.part) INSERT_METHOD = LAST",
      "test",
    );
    await follow();
    await source.run("INSERT INTO other.joined VALUES (1, 1)", "test");

    const outcome = await follow();

    expect([...outcome.widenings.keys()]).to.deep.equal(["unexplained-write"]);
    await expectEqual("shop.part");
    expect(await texts(target, "SELECT COUNT(*) FROM shop.part")).to.deep.equal([["1"]]);
  });

  it("takes a table that was locked and not written for what it is", async () => {
    await source.run("LOCK TABLES shop.orders WRITE", "test");
    await source.run("UNLOCK TABLES", "test");
    await source.run("SELECT * FROM shop.orders FOR UPDATE", "test");

    expect((await follow()).touches).to.deep.equal({ keys: 0, where: 0, tail: 0, all: 0 });
  });

  it("goes on with another worker where the first one stopped", async () => {
    await source.run("INSERT INTO shop.orders (status, n) VALUES ('x', 1), ('y', 2)", "test");
    await worker.close();
    worker = newWorker();

    await follow();

    await expectEqual("shop.orders");
  });
});
