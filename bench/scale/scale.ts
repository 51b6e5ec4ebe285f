/** Section 6: what the time to catch up depends on. */
import { type Ratio, type SectionContext, type SectionResult } from "../result";
import { backfillRate } from "./backfill";
import { followBacklogs, followInTables, type Point } from "./changes";
import { followShards, type ShardsPoint } from "./shards";

const efforts = {
  full: {
    backlogs: [50_000, 100_000, 200_000, 400_000],
    tables: [10_000, 100_000, 1_000_000, 10_000_000],
    statements: 3_000,
    backfill: 1_000_000,
    shards: 100_000,
  },
  quick: {
    backlogs: [10_000, 20_000, 40_000, 80_000],
    tables: [10_000, 100_000, 1_000_000],
    statements: 3_000,
    backfill: 100_000,
    shards: 20_000,
  },
  guard: { backlogs: [1_000, 4_000], tables: [1_000, 10_000], statements: 300, backfill: 10_000, shards: 2_000 },
};

export interface ScaleData {
  readonly backlogs: readonly Point[];
  readonly tables: readonly Point[];
}

export async function measureScale(context: SectionContext): Promise<SectionResult> {
  const effort = efforts[context.effort];
  const backlogs = await followBacklogs(effort.backlogs, context);
  const tables = await followInTables(effort.tables, effort.statements, context);
  context.say("scale: backfill");
  const backfill = await backfillRate(effort.backfill);
  const shards = await followShards(effort.shards, context);
  const peak = Math.max(...[...backlogs, ...tables].map(({ peakMemoryMb }) => peakMemoryMb));
  const data: ScaleData = { backlogs, tables };
  return {
    section: "scale",
    ratios: [
      {
        name: "time for a statement, longest against shortest backlog",
        value: growth(backlogs, true),
        goal: { atMost: 1.3 },
      },
      {
        name: "time for a backlog, largest against smallest table",
        value: growth(tables, false),
        goal: { atMost: 1.3 },
      },
      { name: "peak memory of the function", value: peak, unit: "MB", goal: { atMost: 256 } },
      ...shardRatios(shards),
    ],
    tables: [
      {
        title: "Backlogs of statements on distinct rows",
        columns: ["statements", "seconds", "statements/s", "peak memory, MB"],
        rows: backlogs.map(({ of, seconds, peakMemoryMb }) => [of, seconds, Math.round(of / seconds), peakMemoryMb]),
      },
      {
        title: `${effort.statements.toLocaleString("en-US")} statements in tables of different sizes`,
        columns: ["rows of the table", "seconds", "peak memory, MB", "verified rows/s"],
        rows: tables.map((point) => [
          point.of,
          point.seconds,
          point.peakMemoryMb,
          Math.round(point.verifyRowsPerSecond),
        ]),
      },
      {
        title: "Several shards, one process of the function for each",
        columns: ["tables", "shards", "seconds", "statements/s"],
        rows: shards.map((point) => [
          point.tables,
          point.shards,
          point.seconds,
          Math.round(effort.shards / point.seconds),
        ]),
      },
      {
        title: "Whole tables",
        columns: ["what", "rows/s"],
        rows: [
          [`backfill of ${effort.backfill.toLocaleString("en-US")} rows`, Math.round(backfill)],
          ["verify of the largest table above", Math.round(tables.at(-1)?.verifyRowsPerSecond ?? 0)],
        ],
      },
    ],
    notes: [],
    data,
  };
}

/** How much the last point takes of the first one's time, for each of what it counts or in all. */
function growth(points: readonly Point[], forEach: boolean): number {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) return NaN;
  return forEach ? last.seconds / last.of / (first.seconds / first.of) : last.seconds / first.seconds;
}

function shardRatios(points: readonly ShardsPoint[]): readonly Ratio[] {
  return points
    .filter(({ shards }) => shards > 1)
    .map(({ tables, shards, seconds }) => {
      const one = points.find((point) => point.tables === tables && point.shards === 1);
      return { name: `${tables} tables, ${shards} shards against one`, value: (one?.seconds ?? NaN) / seconds };
    });
}
