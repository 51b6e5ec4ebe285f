import { expect } from "chai";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { decodeInput } from "../../event/decode/decodeInput";
import { openSchema } from "../../event/decode/schemaTouches";
import { encodeEvent } from "../../event/encode/encodeEvent";
import { Session } from "../../handler/sql/connection";
import { utf8 } from "../../handler/sql/text";
import { bundleHandler } from "../../infra/handlerBundle";
import { writeFunction } from "../../local/function/bundle";
import { environmentVariables } from "../../local/function/environmentVariables";
import { type ExecutionEnvironment, startFunctionProcess } from "../../local/function/functionProcess";
import { type Mariadb, startMariadb } from "../../local/mariadb";
import { createWorkspace } from "../../local/workspace";

const workspace = createWorkspace();

describe("an encoded event", function () {
  this.timeout(120_000);
  let server: Mariadb;
  let session: Session;
  let bundled: ExecutionEnvironment;
  const said: string[] = [];

  before(async () => {
    server = await startMariadb({ name: "server", parentDir: workspace.path });
    session = await Session.open("server", server.rootConnection, []);
    for (const sql of [
      "CREATE DATABASE shop",
      "CREATE DATABASE crm",
      "CREATE TABLE shop.orders (id INT PRIMARY KEY, note VARCHAR(100))",
      "CREATE TABLE crm.orders LIKE shop.orders",
      "CREATE USER audit_sync@'%' IDENTIFIED BY 'secret'",
      "GRANT ALL ON *.* TO audit_sync@'%'",
      "CREATE USER audit_sync_heartbeat@'%' IDENTIFIED BY 'secret'",
    ]) {
      await session.run(sql, "preparing a test");
    }
    const target = { name: "crm", routes: [{ source: "shop.orders", target: "crm.orders" }] };
    const folder = join(workspace.path, "function");
    writeFunction(folder, bundleHandler(), { environment: "test", target });
    const ports = { SOURCE: server.port, TARGET: server.port, HEARTBEAT: server.port };
    bundled = await startFunctionProcess({
      folder,
      variables: environmentVariables("test", 256, ports, { sync: "secret", heartbeat: "secret" }),
      timeoutMs: 60_000,
      memoryMb: 256,
      onLine: (line) => said.push(line),
    });
    await bundled.invoke({ action: "tick" });
  });
  after(async () => {
    await bundled.close();
    await session.close();
    await server.remove();
    workspace.remove();
  });

  async function copied(id: number): Promise<string | undefined> {
    const rows = await session.rows(`SELECT note FROM crm.orders WHERE id = ${id}`, "reading in a test");
    return rows[0]?.[0]?.toString();
  }

  for (const [name, direct, id] of [
    ["a Kinesis event", false, 1],
    ["a CloudWatch Logs event", true, 2],
  ] as const) {
    it(`is accepted by the bundled handler as ${name}, and brings the row`, async () => {
      const sql = `INSERT INTO shop.orders (id, note) VALUES (${id}, 'Łódź')`;
      await session.run(utf8(sql), "writing in a test");

      const event = encodeEvent(Buffer.from(sql), { direct, nowMs: Date.now() });

      expect(await bundled.invoke(event)).to.deep.equal({ batchItemFailures: [] });
      expect(await copied(id), said.join("\n")).to.equal("Łódź");
    });
  }

  it("is decoded with the touches that the handler derives, once the tables are known", async () => {
    const schema = join(workspace.path, "schema.sql");
    writeFileSync(
      schema,
      [
        "CREATE DATABASE shop; USE shop;",
        "CREATE TABLE orders (id INT PRIMARY KEY, status VARCHAR(20));",
        "CREATE TABLE notes (id INT AUTO_INCREMENT PRIMARY KEY, note VARCHAR(20));",
        "CREATE TRIGGER noted AFTER UPDATE ON orders FOR EACH ROW INSERT INTO notes (note) VALUES ('x');",
      ].join("\n"),
    );
    const event = encodeEvent(Buffer.from("USE shop; UPDATE orders SET status = 'paid' WHERE id IN (1, 2)"), {
      direct: false,
      nowMs: Date.now(),
    });

    const [line = ""] = [...decodeInput(Buffer.from(JSON.stringify(event)), await openSchema([schema]))];

    expect((JSON.parse(line) as { touches: unknown }).touches).to.deep.equal([
      {
        kind: "keys",
        table: { database: "shop", table: "orders" },
        keys: [[{ type: "number", text: "1" }], [{ type: "number", text: "2" }]],
      },
      { kind: "tail", table: { database: "shop", table: "notes" } },
    ]);
  });
});
