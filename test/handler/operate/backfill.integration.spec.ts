import { expect } from "chai";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { asRoot } from "../../../local/targets";
import { createSourceUsers, createTargetUsers, makePasswords } from "../../../local/databaseUsers";
import { parseTargets } from "../../../handler/contract/routes";
import { bundleHandler } from "../../../infra/handlerBundle";
import { writeFunction } from "../../../local/function/bundle";
import { environmentVariables } from "../../../local/function/environmentVariables";
import { startFunctionProcess, type ExecutionEnvironment } from "../../../local/function/functionProcess";
import { texts } from "../databasePair";
import { Laboratory } from "./laboratory";

/** A million rows take minutes: `BACKFILL_ROWS=1000000 npx mocha` this file, which then says what it measured. */
const rows = Number(process.env["BACKFILL_ROWS"] ?? "50000");
const measuring = process.env["BACKFILL_ROWS"] !== undefined;
const kills = 5;

describe(`a backfill of ${rows} rows`, function () {
  this.timeout(120_000 + 2 * rows);
  let laboratory: Laboratory;
  let folder: string;
  let start: () => Promise<ExecutionEnvironment>;

  before(async () => {
    laboratory = await Laboratory.open({
      schema: [
        "CREATE DATABASE shop",
        "CREATE TABLE shop.events (id BIGINT PRIMARY KEY, kind VARCHAR(20), body VARCHAR(200), at DATETIME(6))",
      ],
      route: "shop.*",
      heartbeat: false,
    });
    await laboratory.atSource(
      `INSERT INTO shop.events SELECT seq, 'created', REPEAT(MD5(seq), 3), '2026-01-01' + INTERVAL seq SECOND
       FROM shop.seq_1_to_${rows}`,
    );
    await laboratory.written();
    folder = mkdtempSync(join(tmpdir(), "audit-sync-backfill-"));
    const routes = [{ source: "shop.*" }];
    writeFunction(folder, bundleHandler(), { environment: "test", target: { name: "target", routes } });
    const passwords = makePasswords();
    const [target] = parseTargets([{ name: "target", routes }]);
    await asRoot(laboratory.sourceServer, (root) => createSourceUsers(root, target?.routes ?? [], passwords));
    await asRoot(laboratory.targetServer, (root) => createTargetUsers(root, target?.routes ?? [], passwords));
    const { port: source } = laboratory.sourceServer;
    const ports = { SOURCE: source, HEARTBEAT: source, TARGET: laboratory.targetServer.port };
    start = () =>
      startFunctionProcess({
        folder,
        variables: environmentVariables("backfill", 256, ports, passwords),
        timeoutMs: 120_000,
        memoryMb: 256,
        onLine: () => undefined,
      });
  });
  after(async () => {
    await laboratory.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Rows that the job has compared; `undefined`: it has ended. */
  async function progress(): Promise<number | undefined> {
    const found = await texts(laboratory.target, "SELECT rows_done FROM audit_sync.jobs WHERE kind = 'compare'");
    return found[0] === undefined ? undefined : Number(found[0][0]);
  }

  /** Ticks until the job has got so far, then kills the function in the middle of its work. */
  async function killAfter(goal: number, took: number[]): Promise<number> {
    const environment = await start();
    const tick = environment.invoke({ action: "tick" }).catch(() => undefined);
    const stop = new AbortController();
    const following = follow(stop.signal, took);
    let done = await progress();
    while (done !== undefined && done < goal) {
      await sleep(5);
      done = await progress();
    }
    environment.kill();
    stop.abort();
    await Promise.all([following, tick]);
    await environment.close();
    return (await progress()) ?? Infinity;
  }

  async function finish(took: number[]): Promise<void> {
    const environment = await start();
    const stop = new AbortController();
    const following = follow(stop.signal, took);
    while ((await progress()) !== undefined) await environment.invoke({ action: "tick" });
    stop.abort();
    await following;
    await environment.close();
  }

  /** Changes a row and brings its record through, again and again; keeps the milliseconds that each took. */
  async function follow(stop: AbortSignal, took: number[]): Promise<void> {
    while (!stop.aborted) {
      const startedMs = Date.now();
      const turn = took.length + 1;
      const id = ((turn * 7919) % rows) + 1;
      await laboratory.atSource(`UPDATE shop.events SET kind = 'changed ${turn}' WHERE id = ${id}`);
      // Time for the row, and little for jobs: one slice runs at least.
      await laboratory.invoke(laboratory.event(await laboratory.written()), 10_100);
      // On a busy machine the time is over before the row's turn. Then its key is a job beside the backfill, which have turns.
      for (let turns = 0; turns < 3 && (await kindOf(id)) !== `changed ${turn}`; turns++) {
        await laboratory.invoke({ action: "tick" }, 10_100);
      }
      took.push(Date.now() - startedMs);
      // The backfill may not have reached the row, but its key was named.
      expect(await kindOf(id)).to.equal(`changed ${turn}`);
      await sleep(100);
    }
  }

  async function kindOf(id: number): Promise<string | null | undefined> {
    return (await texts(laboratory.target, `SELECT kind FROM shop.events WHERE id = ${id}`))[0]?.[0];
  }

  it(`is killed ${kills} times, goes on where it was, completes, and does not hold up following`, async () => {
    await laboratory.invoke({ action: "tick" }, 0);
    const took: number[] = [];
    const startedMs = Date.now();

    const reached: number[] = [];
    for (let kill = 1; kill <= kills; kill++) reached.push(await killAfter((rows * kill) / (2 * kills), took));
    await finish(took);
    const seconds = (Date.now() - startedMs) / 1_000;

    // Never from the beginning again, and never at the end before the last kill.
    expect(reached.map((done, index) => done >= (rows * (index + 1)) / (2 * kills))).to.deep.equal(
      reached.map(() => true),
    );
    expect(reached.at(-1)).to.be.below(rows);
    const sum = "SELECT COUNT(*), SUM(CRC32(CONCAT_WS('|', id, kind, body, at))) FROM shop.events";
    expect(await texts(laboratory.target, sum)).to.deep.equal(await texts(laboratory.source, sum));
    expect(took.length).to.be.greaterThan(kills);
    if (measuring) report(seconds, reached, took);
  });

  function report(seconds: number, reached: readonly number[], took: readonly number[]): void {
    const sorted = [...took].sort((a, b) => a - b);
    console.log(
      `      ${Math.round(rows / seconds)} rows/s in ${Math.round(seconds)} s, killed at ${reached.join(", ")} rows; ${took.length} changes followed meanwhile: median ${sorted[sorted.length >> 1] ?? 0} ms, slowest ${sorted.at(-1) ?? 0} ms`,
    );
  }
});
