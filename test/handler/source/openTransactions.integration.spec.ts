import { expect } from "chai";
import { setTimeout as sleep } from "node:timers/promises";
import { Session } from "../../../handler/sql/connection";
import { readOpenTransactions } from "../../../handler/source/openTransactions";
import { startMariadb, type Mariadb } from "../../../local/mariadb";

describe("the view of open transactions", function () {
  this.timeout(30_000);
  let server: Mariadb;
  const sessions: Session[] = [];

  before(async () => {
    server = await startMariadb({ name: "source" });
    const session = await Session.open("source", server.rootConnection, []);
    await session.run("CREATE DATABASE test", "test");
    await session.close();
  });
  afterEach(async () => {
    for (const session of sessions.splice(0)) await session.close();
  });
  after(async () => {
    await server.remove();
  });

  async function open(): Promise<Session> {
    const session = await Session.open("source", server.rootConnection, []);
    sessions.push(session);
    return session;
  }

  it("shows transactions that wrote and leaves out those that only read", async () => {
    const [observer, writer, reader] = [await open(), await open(), await open()];
    await writer.run("CREATE OR REPLACE TABLE test.rows_ (id INT PRIMARY KEY) ENGINE = InnoDB", "test");
    await reader.run("START TRANSACTION WITH CONSISTENT SNAPSHOT", "test");
    await writer.run("START TRANSACTION", "test");
    await writer.run("INSERT INTO test.rows_ VALUES (1)", "test");
    const [[id] = []] = await writer.rows("SELECT CONNECTION_ID()", "test");

    const { transactions: during } = await readOpenTransactions(observer);
    await writer.run("COMMIT", "test");
    const { transactions: after } = await readOpenTransactions(observer);

    expect(during.map(({ connectionId }) => connectionId)).to.deep.equal([id?.toString()]);
    expect(after).to.deep.equal([]);
  });

  it("is fresh although others read the same view all the time", async () => {
    const [writer, observer, other] = [await open(), await open(), await open()];
    await writer.run("CREATE OR REPLACE TABLE test.rows_ (id INT PRIMARY KEY) ENGINE = InnoDB", "test");
    // Four functions at once, each asking again as soon as it has its answer: the server's cache is never idle by itself.
    let asking = true;
    const functions = [observer, other, await open(), await open()].map(async (session) => {
      while (asking) await readOpenTransactions(session);
    });
    const observed = await open();
    await sleep(300);
    await writer.run("START TRANSACTION", "test");
    await writer.run("INSERT INTO test.rows_ VALUES (1)", "test");

    const { transactions: during } = await readOpenTransactions(observed);
    await writer.run("COMMIT", "test");
    const { transactions: after } = await readOpenTransactions(observed);
    asking = false;
    await Promise.all(functions);

    expect(during).to.have.length(1);
    expect(after).to.deep.equal([]);
  });

  it("shows a prepared XA transaction without a connection", async () => {
    const [writer, observer] = [await open(), await open()];
    await writer.run("CREATE OR REPLACE TABLE test.rows_ (id INT PRIMARY KEY) ENGINE = InnoDB", "test");
    for (const step of ["XA START 'x'", "INSERT INTO test.rows_ VALUES (1)", "XA END 'x'", "XA PREPARE 'x'"]) {
      await writer.run(step, "test");
    }
    await writer.close();

    // The server detaches the transaction when it notices that the connection is gone.
    let { transactions: seen } = await readOpenTransactions(observer);
    while (seen[0]?.connectionId !== "0") ({ transactions: seen } = await readOpenTransactions(observer));
    await observer.run("XA ROLLBACK 'x'", "test");

    expect(seen).to.have.length(1);
  });

  it("is not taken at a server that is read only, which may be a reader", async () => {
    const [root, observer] = [await open(), await open()];
    await root.run("SET GLOBAL read_only = ON", "test");

    const code = await readOpenTransactions(observer).then(
      () => "none",
      (error: unknown) => (error as { code: string }).code,
    );
    await root.run("SET GLOBAL read_only = OFF", "test");

    expect(code).to.equal("SOURCE_NOT_WRITER");
    expect((await readOpenTransactions(observer)).transactions).to.deep.equal([]);
  });
});
