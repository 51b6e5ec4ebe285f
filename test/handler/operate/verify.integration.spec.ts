import { expect } from "chai";
import { texts } from "../databasePair";
import { Laboratory } from "./laboratory";

const schema = [
  "CREATE DATABASE shop",
  "CREATE TABLE shop.orders (id INT PRIMARY KEY, status VARCHAR(20))",
  "CREATE TABLE shop.people (name VARCHAR(20) PRIMARY KEY, n INT)",
];

describe("a verification", function () {
  this.timeout(60_000);
  let laboratory: Laboratory;

  before(async () => {
    laboratory = await Laboratory.open({ schema, route: "shop.*" });
    await laboratory.atSource("INSERT INTO shop.orders SELECT seq, 'new' FROM shop.seq_1_to_3000");
    await laboratory.atSource("INSERT INTO shop.people VALUES ('Ann', 1), ('Bob', 2)");
    await laboratory.deliver();
    await laboratory.tick();
  });
  after(async () => {
    await laboratory.close();
  });
  afterEach(async () => {
    await laboratory.atTarget("DELETE FROM audit_sync.differences", "DELETE FROM audit_sync.jobs");
  });

  /** The look at every row, with everything that is logged until now on the way. */
  async function look(): Promise<void> {
    await laboratory.ask({ action: "verify" });
    await laboratory.tick();
  }

  /** The heartbeats come back, and the next tick concludes. */
  async function conclude(): Promise<Readonly<Record<string, unknown>>> {
    await laboratory.tick();
    await laboratory.deliver();
    return await laboratory.tick();
  }

  async function expectEqual(): Promise<void> {
    for (const table of ["shop.orders", "shop.people"]) {
      const sql = `SELECT * FROM ${table} ORDER BY 1`;
      expect(await texts(laboratory.target, sql)).to.deep.equal(await texts(laboratory.source, sql));
    }
  }

  it("finds what was changed by hand at the target, by table and key range, and repair refreshes exactly that", async () => {
    await laboratory.atTarget(
      "UPDATE shop.orders SET status = 'forged' WHERE id = 7",
      "DELETE FROM shop.orders WHERE id = 2500",
      "INSERT INTO shop.people VALUES ('Eve', 3)",
    );

    await look();
    const metrics = await conclude();

    expect(metrics).to.include({ Drift: 3, Jobs: 0, RowsWritten: 0, RowsDeleted: 0 });
    const { tables } = await laboratory.ask({ action: "drift" });
    expect(tables.map(({ target, rows }) => [target, rows])).to.deep.equal([
      ["shop.orders", 2],
      ["shop.people", 1],
    ]);
    expect(tables[0]?.ranges).to.deep.equal([
      { from: null, to: "1000", missing: 0, extra: 0, different: 1, examples: ["7"] },
      { from: "2000", to: "3000", missing: 1, extra: 0, different: 0, examples: ["2500"] },
    ]);
    expect(tables[1]?.ranges).to.deep.equal([
      { from: null, to: null, missing: 0, extra: 1, different: 0, examples: ["_utf8mb4'Eve'"] },
    ]);
    expect(laboratory.logged("DRIFT_FOUND").map(({ route }) => route)).to.have.members(["shop.orders", "shop.people"]);

    await laboratory.ask({ action: "repair" });
    const repaired = await laboratory.tick();

    expect(repaired).to.include({ Drift: 0, Jobs: 0, RowsWritten: 2, RowsDeleted: 1 });
    await expectEqual();
  });

  it("calls no change that is on its way a drift", async () => {
    await laboratory.atSource("UPDATE shop.orders SET status = 'paid' WHERE id < 500");

    await look();
    const metrics = await conclude();

    expect(metrics).to.include({ Drift: 0, Jobs: 0 });
    await expectEqual();
  });

  it("calls no row a drift that goes to and fro, whatever two looks see", async () => {
    const turn = async (status: string): Promise<void> => {
      await laboratory.atSource(`UPDATE shop.orders SET status = '${status}' WHERE id = 1`);
    };
    await turn("out");
    await laboratory.deliver();
    await turn("in");
    await look();
    await laboratory.deliver();
    await turn("out");
    await laboratory.deliver();
    await laboratory.tick();
    await turn("in");
    const lines = await laboratory.written();
    // The heartbeat overtakes the last turn: the target says `out` and the source `in`, as at the look.
    await laboratory.invoke(laboratory.event(lines.filter((line) => line.includes("heartbeat"))));
    const metrics = await laboratory.tick();

    expect(metrics).to.include({ Drift: 0, Jobs: 0 });
    await laboratory.invoke(laboratory.event(lines));
    await expectEqual();
  });

  it("does not conclude before a heartbeat that was sent after the look has come back", async () => {
    await laboratory.atTarget("UPDATE shop.orders SET status = 'forged' WHERE id = 8");
    await look();

    const waiting = await laboratory.tick();
    const concluded = await conclude();

    expect(waiting).to.include({ Drift: 0, Jobs: 2 });
    expect(concluded).to.include({ Drift: 1, Jobs: 0 });
    await laboratory.ask({ action: "repair", table: "shop.orders" });
    await laboratory.tick();
    await expectEqual();
  });

  it("does not conclude while log events arrive that are older than the look", async () => {
    await laboratory.handler.close();
    laboratory.handler = laboratory.newHandler({ verify: { settleMs: 2_000, repair: false } });
    await laboratory.atTarget("INSERT INTO shop.orders VALUES (9000, 'extra')");
    await look();
    const beforeLookMs = Date.now() - 60_000;

    const jobs: unknown[] = [];
    const until = Date.now() + 6_000;
    while (Date.now() < until) {
      await laboratory.tick();
      await laboratory.invoke(laboratory.event(await laboratory.written(), beforeLookMs));
      jobs.push(laboratory.lastMetrics["Jobs"]);
    }

    expect(jobs).to.have.length.greaterThan(1);
    expect(new Set(jobs)).to.deep.equal(new Set([2]));
  });

  it("is repaired by itself where the configuration says so", async () => {
    await laboratory.handler.close();
    laboratory.handler = laboratory.newHandler({ verify: { settleMs: 0, repair: true } });
    await laboratory.atTarget("INSERT IGNORE INTO shop.orders VALUES (9000, 'extra')");

    await look();
    const metrics = await conclude();

    expect(metrics).to.include({ Drift: 0, Jobs: 0, RowsDeleted: 1 });
    await expectEqual();
  });
});
