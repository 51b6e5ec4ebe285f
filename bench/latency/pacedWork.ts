/** Work at a steady rate, and the moment at which each of its changes can be seen at a target. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Connection } from "mysql2/promise";
import { type Mariadb } from "../../local/mariadb";
import { percentile } from "../../local/function/metrics";
import { textRows } from "../../local/textRows";
import { connectAsRoot } from "../rig/servers";

export interface Pace {
  readonly perSecond: number;
  readonly seconds: number;
}

const connections = 8;
/** How often the target is looked at. What is seen may have been there for as long. */
const probeMs = 5;
/** A change that has not arrived by then is an error and no latency. */
const patienceMs = 60_000;

/** A table of rows that are changed once each: row i gets the turn i, so that no change hides another one. */
export function probeTable(rows: number): readonly string[] {
  return [
    "CREATE DATABASE IF NOT EXISTS shop",
    "USE shop",
    "CREATE TABLE probe (id INT NOT NULL PRIMARY KEY, turn INT NOT NULL, note VARCHAR(100) NOT NULL, KEY turn (turn))",
    `INSERT INTO probe SELECT seq, 0, 'not yet' FROM seq_1_to_${rows}`,
  ];
}

/** Milliseconds from the commit at the source until the change was seen at the target, for each statement. */
export async function measureLatencies(source: Mariadb, target: Mariadb, pace: Pace): Promise<readonly number[]> {
  const count = pace.perSecond * pace.seconds;
  const committed = new Float64Array(count + 1);
  const seen = new Float64Array(count + 1);
  const writers = await Promise.all(Array.from({ length: connections }, () => connectAsRoot(source)));
  const probe = await connectAsRoot(target);
  await Promise.all([write(writers, pace, committed), look(probe, seen)]);
  for (const connection of [...writers, probe]) await connection.end();
  return Array.from({ length: count }, (_, index) => (seen[index + 1] ?? 0) - (committed[index + 1] ?? 0));
}

async function write(writers: readonly Connection[], pace: Pace, committed: Float64Array): Promise<void> {
  const startedMs = performance.now();
  const last = committed.length - 1;
  await Promise.all(
    writers.map(async (connection, place) => {
      await connection.query("USE shop");
      for (let turn = place + 1; turn <= last; turn += writers.length) {
        const waitMs = startedMs + (turn * 1000) / pace.perSecond - performance.now();
        if (waitMs > 0) await sleep(waitMs);
        await connection.query(`UPDATE probe SET turn = ${turn}, note = 'changed in turn ${turn}' WHERE id = ${turn}`);
        committed[turn] = performance.now();
      }
    }),
  );
}

async function look(probe: Connection, seen: Float64Array): Promise<void> {
  const last = seen.length - 1;
  let missing = last;
  let allUpTo = 0;
  const lastNews = { atMs: performance.now() };
  while (missing > 0) {
    const rows = await textRows(probe, `SELECT turn FROM shop.probe WHERE turn > ${allUpTo}`);
    const nowMs = performance.now();
    for (const turn of rows.map(([text]) => Number(text))) {
      if (seen[turn] !== 0) continue;
      seen[turn] = nowMs;
      missing -= 1;
      lastNews.atMs = nowMs;
    }
    while (allUpTo < last && seen[allUpTo + 1] !== 0) allUpTo += 1;
    if (nowMs - lastNews.atMs > patienceMs) throw new Error(`${missing} changes did not arrive at the target`);
    await sleep(probeMs);
  }
}

export function summary(latencies: readonly number[]): { p50: number; p99: number } {
  return { p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99) };
}
