/** Does the time to catch up grow with the number of changes, and with nothing else? */
import { createTable, distinctRows, fillTable } from "../catchUp/workloads";
import { followBacklog } from "../catchUp/followBacklog";
import { type SectionContext } from "../result";
import { makeBacklog } from "../rig/backlog";
import { Rig } from "../rig/rig";
import { prepare } from "../rig/servers";
import { median } from "../sideBySide";

export interface Point {
  /** Statements, or rows of the table. */
  readonly of: number;
  readonly seconds: number;
  readonly peakMemoryMb: number;
}

/** Backlogs of these lengths, each statement on a row of its own in one table that holds them all. */
export async function followBacklogs(counts: readonly number[], { say }: SectionContext): Promise<readonly Point[]> {
  return await Rig.hold(async (rig) => {
    const rows = Math.max(...counts);
    const source = await rig.source();
    const target = await rig.follower("target");
    const tables = ["CREATE DATABASE shop", "USE shop", createTable("spread"), fillTable("spread", rows)];
    await Promise.all([prepare(source, tables), prepare(target, tables)]);
    const follower = await rig.sync({ source, target, route: "shop.*" });
    const points: Point[] = [];
    for (const count of counts) {
      say(`scale: a backlog of ${count} statements`);
      // A process of its own, so that its peak is that of this backlog.
      await follower.renewProcess();
      await follower.settle();
      const backlog = await makeBacklog(source, distinctRows(rows).statements(count));
      const { seconds, peakMemoryMb } = await followBacklog(follower, source, backlog);
      points.push({ of: count, seconds, peakMemoryMb });
    }
    return points;
  });
}

const repetitions = 3;

/** The same number of changes to tables of these sizes. */
export async function followInTables(
  sizes: readonly number[],
  statements: number,
  { say }: SectionContext,
): Promise<readonly (Point & { readonly verifyRowsPerSecond: number })[]> {
  const points = [];
  for (const rows of sizes) {
    say(`scale: ${statements} statements in a table of ${rows} rows`);
    const point = await Rig.hold(async (rig) => {
      const source = await rig.source();
      const target = await rig.follower("target");
      const tables = ["CREATE DATABASE shop", "USE shop", createTable("sized"), fillTable("sized", rows)];
      await Promise.all([prepare(source, tables), prepare(target, tables)]);
      const follower = await rig.sync({ source, target, route: "shop.*" });
      // The route begins with a comparison of both sides, which are equal.
      const verifySeconds = await follower.settle();
      const work = distinctRows(rows, "sized").statements(statements * repetitions);
      const runs = [];
      for (let from = 0; from < work.length; from += statements) {
        const backlog = await makeBacklog(source, work.slice(from, from + statements));
        runs.push(await followBacklog(follower, source, backlog));
      }
      return {
        of: rows,
        seconds: median(runs.map(({ seconds }) => seconds)),
        peakMemoryMb: Math.max(...runs.map(({ peakMemoryMb }) => peakMemoryMb)),
        verifyRowsPerSecond: rows / verifySeconds,
      };
    });
    points.push(point);
  }
  return points;
}
