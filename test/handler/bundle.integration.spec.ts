import { expect } from "chai";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleHandler } from "../../infra/handlerBundle";
import { startMariadb, type Mariadb } from "../../local/mariadb";
import { Session } from "../../handler/sql/connection";

/** Invokes the bundle as Lambda does: its own process, its own folder, nothing of the project beside it. */
const invoke = `
const { handler } = require(process.argv[1]);
handler(JSON.parse(process.argv[2]), { awsRequestId: "request", getRemainingTimeInMillis: () => 30000 }).then(
  (result) => { console.log(JSON.stringify({ result })); process.exit(0); },
  (error) => { console.log(JSON.stringify({ error: error.message })); process.exit(0); },
);`;

describe("the bundled handler", function () {
  this.timeout(60_000);
  let folder: string;
  let server: Mariadb;
  let variables: Record<string, string>;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "audit-sync-bundle-"));
    for (const [name, content] of Object.entries(bundleHandler())) writeFileSync(join(folder, name), content as string);
    const target = { name: "crm", routes: [{ source: "shop.orders", target: "crm.orders" }] };
    writeFileSync(join(folder, "config.json"), JSON.stringify({ environment: "test", target }));
    server = await startMariadb({ name: "server" });
    const session = await Session.open("server", server.rootConnection, []);
    for (const sql of [
      "CREATE DATABASE shop",
      "CREATE DATABASE crm",
      "CREATE TABLE shop.orders (id INT PRIMARY KEY)",
      "CREATE TABLE crm.orders (id INT PRIMARY KEY)",
      "INSERT INTO shop.orders VALUES (1)",
      "CREATE USER sync@'%' IDENTIFIED BY 'secret'",
      "GRANT ALL ON *.* TO sync@'%'",
    ]) {
      await session.run(sql, "test");
    }
    await session.close();
    const connection = {
      HOST: "127.0.0.1",
      PORT: String(server.port),
      USER: "sync",
      AUTH: "password",
      PASSWORD: "secret",
      TLS: "off",
    };
    variables = Object.fromEntries(
      ["SOURCE", "TARGET"].flatMap((role) =>
        Object.entries(connection).map(([name, value]) => [`${role}_${name}`, value]),
      ),
    );
  });
  after(async () => {
    await server.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  function invokeWith(event: unknown, environment: Record<string, string>): readonly unknown[] {
    const output = execFileSync(process.execPath, ["-e", invoke, join(folder, "index.js"), JSON.stringify(event)], {
      cwd: folder,
      env: { PATH: process.env["PATH"] ?? "", ...environment },
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    return output
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown);
  }

  it("is the same, byte for byte, each time it is built", () => {
    expect(bundleHandler()).to.deep.equal(bundleHandler());
  });

  it("backfills at a tick and says what it did in metrics", () => {
    const [metrics, response] = invokeWith({ action: "tick" }, variables);

    expect(response).to.deep.equal({ result: { batchItemFailures: [] } });
    expect(metrics).to.include({
      environment: "test",
      target: "crm",
      RowsWritten: 1,
      Jobs: 0,
      Dead: 0,
      StoppedRoutes: 0,
    });
  });

  it("acknowledges nothing when a database cannot be reached", () => {
    const event = { Records: [{ kinesis: { sequenceNumber: "42", data: "" } }] };

    const [entry, response] = invokeWith(event, { ...variables, TARGET_PORT: "1" });

    expect(entry).to.include({ level: "error", code: "DATABASE_UNAVAILABLE", firstSequenceNumber: "42" });
    expect(response).to.deep.equal({ result: { batchItemFailures: [{ itemIdentifier: "42" }] } });
  });

  it("names the missing variable when it is misconfigured", () => {
    const [response] = invokeWith({ action: "tick" }, { ...variables, SOURCE_HOST: "" });

    expect(response).to.deep.equal({ error: "the environment variable SOURCE_HOST is not set" });
  });
});
