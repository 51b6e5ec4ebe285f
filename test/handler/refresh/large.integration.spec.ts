import { expect } from "chai";
import { statSync } from "node:fs";
import { parseTargets } from "../../../handler/contract/routes";
import { readLines, toRecords } from "../../../bench/rig/backlog";
import { peakMemoryMb } from "../../../bench/rig/processes";
import { SyncFollower } from "../../../bench/rig/syncFollower";
import { compareTarget } from "../../../local/compare/compare";
import { startMariadb, type Mariadb } from "../../../local/mariadb";
import { AuditTail } from "../../../local/shipping/auditTail";
import type { StreamRecord } from "../../../local/stream/kinesis";
import { asRoot } from "../../../local/targets";
import { createWorkspace, type Workspace } from "../../../local/workspace";

/** As many as a real one has take minutes: `LARGE_ROWS=1000000 npx mocha` this file, which then says what it measured. */
const rows = Number(process.env["LARGE_ROWS"] ?? "40000");
const measuring = process.env["LARGE_ROWS"] !== undefined;
const memoryMb = 256;
const mebibyte = 1024 * 1024;

describe(`what is large, in a function of ${memoryMb} MB`, function () {
  this.timeout(240_000 + rows);
  let workspace: Workspace;
  let source: Mariadb;
  let target: Mariadb;
  let follower: SyncFollower;
  let tail: AuditTail;

  before(async () => {
    workspace = createWorkspace();
    const parentDir = workspace.path;
    [source, target] = await Promise.all([
      startMariadb({ name: "source", parentDir, audit: true }),
      startMariadb({ name: "target", parentDir }),
    ]);
    for (const server of [source, target]) {
      await run(
        server,
        "CREATE DATABASE shop",
        "CREATE TABLE shop.items (id INT AUTO_INCREMENT PRIMARY KEY, n INT NOT NULL, note VARCHAR(100))",
        "CREATE TABLE shop.files (id INT PRIMARY KEY, body LONGBLOB)",
        "CREATE TABLE shop.named_files (id INT PRIMARY KEY, name VARCHAR(20) NOT NULL UNIQUE, body LONGTEXT)",
        `INSERT INTO shop.items SELECT seq, seq % 1000, CONCAT('the note of ', seq) FROM shop.seq_1_to_${rows}`,
      );
    }
    follower = await SyncFollower.start({ source, target, route: "shop.*", folder: `${parentDir}/function`, memoryMb });
    await follower.settle();
    tail = new AuditTail(source.auditFile, statSync(source.auditFile).size);
  });
  after(async () => {
    tail.close();
    await follower.close();
    await Promise.all([source.remove(), target.remove()]);
    workspace.remove();
  });
  /** Each case has a process of its own, so that its peak is that of the case. */
  beforeEach(async () => {
    await follower.renewProcess();
    await follower.settle();
  });

  async function run(server: Mariadb, ...statements: readonly string[]): Promise<void> {
    await asRoot(server, async (root) => {
      for (const sql of statements) await root.query(sql);
    });
  }

  async function written(): Promise<readonly StreamRecord[]> {
    await run(source, "DO 0");
    return toRecords(readLines(tail));
  }

  async function expectEqualWithinMemory(startedMs: number, name: string): Promise<void> {
    const [{ routes } = { routes: [] }] = parseTargets([{ name: "bench", routes: [{ source: "shop.*" }] }]);
    const seconds = (Date.now() - startedMs) / 1_000;
    const peak = Math.max(...follower.processes.map(({ pid }) => peakMemoryMb(pid)));
    if (measuring) console.log(`      ${name}: ${seconds.toFixed(1)} s, peak ${peak} MB`);
    const tables = await compareTarget(source, target, routes);
    expect(tables.filter(({ differences }) => differences > 0)).to.deep.equal([]);
    expect(peak).to.be.below(memoryMb);
  }

  for (const [table, assignment] of [
    ["files", `body = REPEAT(CHAR(id), ${16 * mebibyte})`],
    ["named_files", `body = REPEAT('''', ${16 * mebibyte}), name = CONCAT('renamed ', id)`],
  ] as const) {
    it(`copies rows of 16 MB (${table})`, async () => {
      const columns = table === "files" ? "id" : "id, name";
      const values = table === "files" ? "seq" : "seq, seq";
      await run(source, `INSERT INTO shop.${table} (${columns}) SELECT ${values} FROM shop.seq_1_to_8`);
      await follower.deliver(await written());
      await follower.settle();

      const startedMs = Date.now();
      await run(source, `UPDATE shop.${table} SET ${assignment}`);
      await follower.deliver(await written());
      await follower.settle();

      await expectEqualWithinMemory(startedMs, table);
    });
  }

  it("follows a statement that changes every row of a table, as a job", async () => {
    const startedMs = Date.now();
    await run(source, "UPDATE shop.items SET n = n + 1 WHERE n >= 0");
    await follower.deliver(await written());
    await follower.settle();

    await expectEqualWithinMemory(startedMs, `UPDATE of ${rows} rows`);
  });

  it("compares a whole table that a statement does not tell the rows of", async () => {
    const startedMs = Date.now();
    await run(source, "UPDATE shop.items SET note = 'odd' WHERE RAND(3) < 0.01 ORDER BY RAND(5)");
    await follower.deliver(await written());
    await follower.settle();

    await expectEqualWithinMemory(startedMs, `comparison of ${rows} rows`);
  });

  it("keeps what a long transaction touched until it is over", async () => {
    const statements = Math.floor(rows / 2);
    const startedMs = Date.now();
    await asRoot(source, async (root) => {
      await root.query("START TRANSACTION");
      for (let from = 1; from <= statements; from += 100) {
        const some = Array.from(
          { length: 100 },
          (_, index) => `UPDATE shop.items SET n = -1 WHERE id = ${((from + index) % rows) + 1}`,
        );
        await root.query(`BEGIN NOT ATOMIC ${some.join("; ")}; END`);
        // The INSERTs of others leave gaps below their keys and go on meanwhile.
        if (from % 1_000 === 1) {
          await root.query("SAVEPOINT gap");
          await root.query("INSERT INTO shop.items (n) SELECT seq FROM shop.seq_1_to_20");
          await root.query("ROLLBACK TO SAVEPOINT gap");
          await run(source, "INSERT INTO shop.items (n) VALUES (-2), (-3)");
        }
      }
      await follower.deliver(await written());
      expect(await follower.outstanding(), "touches that wait").to.be.greaterThan(0);
      await root.query("COMMIT");
    });
    await follower.deliver(await written());
    await follower.settle();

    await expectEqualWithinMemory(startedMs, `a transaction of ${statements} statements`);
  });
});
