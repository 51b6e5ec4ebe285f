/** Section 3: a backlog, from the first invocation to equal tables, against the other ways to follow a database. */
import { type Ratio, type SectionContext, type SectionResult } from "../result";
import { Rig } from "../rig/rig";
import { Race, type RaceResult, ways, type Way } from "./race";
import { distinctRows, hotRows, inserts, type Workload } from "./workloads";

const sizes = {
  full: { statements: 200_000, hot: 10_000 },
  quick: { statements: 40_000, hot: 2_000 },
  guard: { statements: 10_000, hot: 200 },
};

export interface CatchUpData {
  readonly statements: number;
  readonly races: readonly { readonly work: string; readonly result: RaceResult }[];
}

export async function measureCatchUp(context: SectionContext): Promise<SectionResult> {
  const data = await runRaces(context);
  const { statements, races } = data;
  const peak = Math.max(...races.map(({ result }) => result.ours.peakMemoryMb));
  return {
    section: "catch-up",
    ratios: [
      ...races.flatMap(({ work, result }) => ratiosOf(work, result)),
      { name: "peak memory of the function", value: peak, unit: "MB", goal: { atMost: 256 } },
    ],
    tables: [
      {
        title: `${statements.toLocaleString("en-US")} audited single-row statements`,
        columns: ["work", "way", "seconds", "statements/s", "rows different afterwards"],
        rows: races.flatMap(({ work, result }) =>
          allWays.map((way) => [
            work,
            ways[way],
            result.seconds[way],
            Math.round(statements / result.seconds[way]),
            result.differences[way],
          ]),
        ),
      },
      {
        title: "Where the time of this project goes, in processor seconds",
        columns: ["work", "invocations", "function", "source", "target", "seconds in ticks after the last record"],
        rows: races.map(({ work, result: { ours } }) => [
          work,
          ours.invocations,
          ours.cpu.function,
          ours.cpu.source,
          ours.cpu.target,
          ours.settleSeconds,
        ]),
      },
    ],
    notes: [
      "replication runs as it does by default, with one applier thread (slave_parallel_threads = 0)",
      "every follower is a server of its own with the same options and the same rows at the start",
    ],
    data,
  };
}

const allWays = Object.keys(ways) as Way[];

async function runRaces({ effort, say, profiles }: SectionContext): Promise<CatchUpData> {
  const { statements, hot } = sizes[effort];
  const workloads = [hotRows(hot), distinctRows(statements), inserts()];
  return await Rig.hold(async (rig) => {
    say("catch-up: starting a source and four followers");
    const race = await Race.prepare(rig, workloads, profiles);
    const races = [];
    for (const workload of workloads) {
      races.push({ work: workload.name, result: await race.run(workload, statements, say) });
    }
    return { statements, races };
  });
}

function ratiosOf(work: Workload["name"], { seconds }: RaceResult): readonly Ratio[] {
  const against = (way: Way, goal: number): Ratio => ({
    name: `${work}: speed against ${ways[way]}`,
    value: seconds[way] / seconds.ours,
    goal: { atLeast: goal },
  });
  return [against("native", work === "hot rows" ? 1 : 0.5), against("reader", 5), against("replay", 5)];
}
