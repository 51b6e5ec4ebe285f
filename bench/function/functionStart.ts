/** Section 7: how large the function is, and how long it takes to begin. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { bundleHandler } from "../../infra/handlerBundle";
import { createTable, fillTable } from "../catchUp/workloads";
import { type SectionContext, type SectionResult } from "../result";
import { makeBacklog } from "../rig/backlog";
import { Rig } from "../rig/rig";
import { prepare } from "../rig/servers";
import { type SyncFollower } from "../rig/syncFollower";
import { median } from "../sideBySide";

/** Statements that change nothing, as one delivery of the log. */
const reads = Array.from({ length: 100 }, (_, index) => `SELECT * FROM items WHERE id = ${index}`);

export async function measureFunction({ effort, say }: SectionContext): Promise<SectionResult> {
  say("function: starting");
  const rounds = effort === "full" ? 9 : 3;
  return await Rig.hold(async (rig) => {
    const source = await rig.source();
    const target = await rig.follower("target");
    const tables = ["CREATE DATABASE shop", "USE shop", createTable("items"), fillTable("items", 100)];
    await prepare(source, tables);
    await prepare(target, tables);
    const follower = await rig.sync({ source, target, route: "shop.*" });
    await follower.settle();
    const { records } = await makeBacklog(source, reads);
    const script = join(rig.path, "function", "index.js");
    const bare = median(repeat(rounds, () => milliseconds("")));
    const load = median(repeat(rounds, () => milliseconds(`require(${JSON.stringify(script)})`)));
    const cold = await coldStarts(follower, records, rounds);
    const warm = await timed(follower, records, 20 * rounds);
    const bundle = Buffer.from(bundleHandler()["index.js"]);
    return {
      section: "function",
      ratios: [
        { name: "load of the bundle, against starting Node itself", value: load / bare },
        { name: "cold start: process, load, first invocation", value: median(cold), unit: "ms" },
        { name: "warm invocation without work", value: median(warm), unit: "ms" },
      ],
      tables: [
        {
          title: "The function as it is deployed",
          columns: ["what", "value", "unit"],
          rows: [
            ["bundle, minified", bundle.length, "bytes"],
            ["bundle, compressed", gzipSync(bundle).length, "bytes"],
            ["Node itself, started and ended", bare, "ms"],
            ["the same with the bundle loaded", load, "ms"],
            ["cold start: process, load, two connections, definitions of the tables, first batch", median(cold), "ms"],
            ["warm invocation, 100 statements that change nothing", median(warm), "ms"],
          ],
        },
      ],
      notes: [],
    };
  });
}

/** Wall time of a Node process that runs `code`. */
function milliseconds(code: string): number {
  const startedMs = performance.now();
  execFileSync(process.execPath, ["-e", code], { env: {} });
  return performance.now() - startedMs;
}

function repeat(count: number, measure: () => number): number[] {
  return Array.from({ length: count }, measure);
}

type Records = Parameters<SyncFollower["deliver"]>[0];

async function coldStarts(follower: SyncFollower, records: Records, rounds: number): Promise<readonly number[]> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const startedMs = performance.now();
    const environment = await follower.addProcess();
    await follower.deliver(records, environment);
    times.push(performance.now() - startedMs);
  }
  return times;
}

async function timed(follower: SyncFollower, records: Records, rounds: number): Promise<readonly number[]> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const startedMs = performance.now();
    await follower.deliver(records);
    times.push(performance.now() - startedMs);
  }
  return times;
}
