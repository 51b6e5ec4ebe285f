import { expect } from "chai";
import { eventOf, type FailureStore } from "../../../commands/failures";
import { replay } from "../../../commands/replay";
import { createScreen } from "../../../commands/screen";
import { SyncError } from "../../../handler/errors";
import type { Databases } from "../../../handler/sql/sessions";
import { texts } from "../databasePair";
import { Laboratory } from "./laboratory";

const acknowledged = { batchItemFailures: [] };

describe("every way out of the handler leaves the change where it can be found again:", function () {
  this.timeout(60_000);
  let laboratory: Laboratory;

  before(async () => {
    laboratory = await Laboratory.open({
      schema: ["CREATE DATABASE shop", "CREATE TABLE shop.orders (id INT PRIMARY KEY, status VARCHAR(20))"],
      route: "shop.*",
    });
    await laboratory.tick();
  });
  after(async () => {
    await laboratory.close();
  });

  async function expectEqual(): Promise<void> {
    const sql = "SELECT * FROM shop.orders ORDER BY id";
    expect(await texts(laboratory.target, sql)).to.deep.equal(await texts(laboratory.source, sql));
  }

  /** The handler as it is while the target is down. */
  async function withoutTarget(event: unknown): Promise<unknown> {
    const down: Databases = {
      source: () => Promise.reject(new SyncError("DATABASE_UNAVAILABLE", "the source is not asked")),
      target: () => Promise.reject(new SyncError("DATABASE_UNAVAILABLE", "the target is down")),
      close: () => Promise.resolve(),
    };
    const healthy = laboratory.handler;
    laboratory.handler = laboratory.newHandler({ databases: down });
    try {
      return await laboratory.invoke(event);
    } finally {
      laboratory.handler = healthy;
    }
  }

  function storeOf(failures: Map<string, string>): FailureStore {
    return {
      list: () => Promise.resolve([...failures.keys()]),
      read: (name) => Promise.resolve(failures.get(name) ?? ""),
      remove: (name) => {
        failures.delete(name);
        return Promise.resolve();
      },
    };
  }

  it("acknowledged and settled: in the target's rows", async () => {
    await laboratory.atSource("INSERT INTO shop.orders VALUES (1, 'new')");

    expect(await laboratory.deliver()).to.deep.equal(acknowledged);

    await expectEqual();
  });

  it("acknowledged while the transaction is open: in pending, and applied after its end", async () => {
    await laboratory.atSource("START TRANSACTION", "UPDATE shop.orders SET status = 'paid' WHERE id = 1");

    expect(await laboratory.deliver()).to.deep.equal(acknowledged);

    const { transactions } = await laboratory.ask({ action: "pending" });
    expect(transactions.map(({ tables, touches }) => [tables, touches])).to.deep.equal([[["shop.orders"], 1]]);
    await laboratory.atSource("COMMIT");
    await laboratory.tick();
    await expectEqual();
  });

  it("acknowledged although it is too much for one invocation: in jobs, and carried on", async () => {
    await laboratory.atSource("INSERT INTO shop.orders SELECT seq, 'many' FROM shop.seq_1001_to_8000");
    await laboratory.deliver();
    await laboratory.tick();
    await laboratory.atSource("UPDATE shop.orders SET status = 'more' WHERE status = 'many'");

    // No time for jobs: one slice runs at least.
    expect(await laboratory.invoke(laboratory.event(await laboratory.written()), 0)).to.deep.equal(acknowledged);

    const { routes } = await laboratory.ask({ action: "status" });
    expect(routes[0]?.jobs.map(({ kind }) => kind)).to.deep.equal(["where"]);
    await laboratory.tick();
    await expectEqual();
  });

  it("acknowledged although the target refuses the row: in dead, with the key and the reason", async () => {
    await laboratory.atTarget("ALTER TABLE shop.orders ADD CONSTRAINT polite CHECK (status <> 'rude')");
    await laboratory.atSource("INSERT INTO shop.orders VALUES (2, 'rude')");

    expect(await laboratory.deliver()).to.deep.equal(acknowledged);

    const { entries } = await laboratory.ask({ action: "dead" });
    expect(entries.map(({ kind, key, code }) => [kind, key, code])).to.deep.equal([["row", "2", "ROW_REFUSED"]]);
    await laboratory.atTarget("ALTER TABLE shop.orders DROP CONSTRAINT polite");
    await laboratory.ask({ action: "redrive", ids: "all" });
    await expectEqual();
  });

  it("acknowledged although it cannot be read: in dead with its bytes, and the tables that it names are compared", async () => {
    await laboratory.atSource("INSERT INTO shop.orders VALUES (3, 'unread')");
    await laboratory.written();

    const garbage = await laboratory.invoke(laboratory.record(Buffer.from("no envelope")));
    const line = await laboratory.invoke(laboratory.event(["garbled insert into orders"]));

    expect([garbage, line]).to.deep.equal([acknowledged, acknowledged]);
    expect(await texts(laboratory.target, "SELECT kind, payload FROM audit_sync.dead ORDER BY id")).to.deep.equal([
      ["record", "no envelope"],
      ["line", "garbled insert into orders"],
    ]);
    await laboratory.tick();
    await expectEqual();
    await laboratory.ask({ action: "drop", ids: "all" });
  });

  it("acknowledged although the route is stopped: in the backfill that begins once it is mended", async () => {
    await laboratory.atTarget("RENAME TABLE shop.orders TO shop.away");
    await laboratory.atSource("INSERT INTO shop.orders VALUES (4, 'stopped')");

    expect(await laboratory.deliver()).to.deep.equal(acknowledged);

    expect(laboratory.lastMetrics).to.include({ StoppedRoutes: 1 });
    expect(laboratory.logged("ROUTE_STOPPED")).not.to.deep.equal([]);
    await laboratory.atTarget("RENAME TABLE shop.away TO shop.orders");
    await laboratory.tick();
    await expectEqual();
  });

  it("not acknowledged: still in the stream, from the record that is named on", async () => {
    await laboratory.atSource("INSERT INTO shop.orders VALUES (5, 'again')");
    const event = laboratory.event(await laboratory.written());

    const response = await withoutTarget(event);

    expect(response).to.deep.equal({
      batchItemFailures: [{ itemIdentifier: event.Records[0]?.kinesis["sequenceNumber"] }],
    });
    expect(await laboratory.invoke(event)).to.deep.equal(acknowledged);
    await expectEqual();
  });

  it("given up by the event source mapping: in the failure destination, until a replay has applied it", async () => {
    await laboratory.atSource("INSERT INTO shop.orders VALUES (6, 'given up')");
    const event = laboratory.event(await laboratory.written());
    const failures = new Map([["1", JSON.stringify({ version: "1.0", payload: JSON.stringify(event) })]]);
    const screen = createScreen({ json: true, out: { write: () => true }, err: { write: () => true } });
    const target = { name: "target", failures: storeOf(failures) };

    const failed = await replay({ ...target, invoke: withoutTarget }, screen);
    const kept = new Map(failures);
    const applied = await replay({ ...target, invoke: (payload) => laboratory.invoke(payload) }, screen);

    expect([failed.applied, failed.left.length, kept.size]).to.deep.equal([0, 1, 1]);
    expect([applied.applied, applied.left.length, failures.size]).to.deep.equal([1, 0, 0]);
    await expectEqual();
  });

  it("thrown, because a direct event has no partial response: in Lambda's retries and then in the failure destination", async () => {
    await laboratory.atSource("INSERT INTO shop.orders VALUES (7, 'direct')");
    const data = laboratory.event(await laboratory.written()).Records[0]?.kinesis["data"];
    const event = { awslogs: { data } };

    const thrown = await withoutTarget(event).then(
      () => undefined,
      (error: unknown) => error,
    );

    expect(thrown).to.be.instanceOf(SyncError);
    await laboratory.invoke(eventOf(JSON.stringify({ requestPayload: event })));
    await expectEqual();
  });

  it("thrown, because the event is unknown: nothing is acknowledged, and the log says what came", async () => {
    const thrown = await laboratory.invoke({ Records: [{ sqs: {} }] }).then(
      () => undefined,
      (error: unknown) => error,
    );

    expect(thrown).to.have.property("code", "EVENT_UNKNOWN");
    expect(laboratory.lines.at(-1)).to.include({ level: "error", requestId: "request" });
  });
});
