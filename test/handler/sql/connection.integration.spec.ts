import { setImmediate as immediate } from "node:timers/promises";
import { expect } from "chai";
import { Session } from "../../../handler/sql/connection";
import { type Mariadb, startMariadb } from "../../../local/mariadb";

describe("Session, at a real server", function () {
  this.timeout(60_000);
  let server: Mariadb;

  before(async () => {
    server = await startMariadb({ name: "session" });
  });

  after(async () => {
    await server.remove();
  });

  const manyRows = "SELECT seq, REPEAT('x', 1000) FROM mysql.seq_1_to_5000";

  it("reads row by row and waits for what the taker does", async () => {
    const session = await Session.open("source", server.rootConnection, []);
    let rows = 0;
    let taking = 0;

    await session.each(manyRows, "reading", async () => {
      rows += 1;
      taking += 1;
      expect(taking).to.equal(1);
      await immediate();
      taking -= 1;
    });

    expect(rows).to.equal(5_000);
    await session.close();
  });

  it("fails when the connection is lost between two rows, instead of waiting for ever", async () => {
    const session = await Session.open("source", server.rootConnection, []);
    const other = await Session.open("other", server.rootConnection, []);
    const [[id] = []] = await session.rows("SELECT CONNECTION_ID()", "asking");
    let killed = false;

    const failure = await failureOf(
      session.each(manyRows, "reading", () => {
        if (killed) return undefined;
        killed = true;
        return other.run(`KILL ${id?.toString() ?? ""}`, "killing").then(() => undefined);
      }),
    );

    expect(failure).to.include({ code: "DATABASE_UNAVAILABLE", kind: "transient" });
    expect(session.broken).to.equal(true);
    await other.close();
  });

  it("reads to the end when the taker fails, so that the session stays usable", async () => {
    const session = await Session.open("source", server.rootConnection, []);

    const failure = await failureOf(
      session.each(manyRows, "reading", () => Promise.reject(new Error("the target is full"))),
    );

    expect(failure).to.have.property("message", "the target is full");
    expect(await session.rows("SELECT 1", "asking")).to.have.length(1);
    await session.close();
  });
});

async function failureOf(work: Promise<void>): Promise<unknown> {
  try {
    await work;
    return undefined;
  } catch (error) {
    return error;
  }
}
