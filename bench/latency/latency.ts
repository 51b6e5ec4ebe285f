/** Section 4: from the commit at the source to the moment at which the target shows it. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArguments as parseLocalArguments, type LocalSettings } from "../../local/arguments";
import { type Mariadb } from "../../local/mariadb";
import { Pipeline } from "../../local/pipeline";
import { type Scenario } from "../../local/scenario";
import { createWorkspace } from "../../local/workspace";
import { type Ratio, type SectionContext, type SectionResult } from "../result";
import { Rig } from "../rig/rig";
import { prepare } from "../rig/servers";
import { feedDirectly } from "./directFeed";
import { measureLatencies, type Pace, probeTable, summary } from "./pacedWork";

const rates = [100, 500, 2_000];
/** The rate that the goal speaks of. */
const goalRate = 500;

export async function measureLatency({ effort, say }: SectionContext): Promise<SectionResult> {
  const seconds = effort === "full" ? 15 : 5;
  const ratios: Ratio[] = [];
  const rows: (string | number)[][] = [];
  for (const perSecond of rates) {
    const pace = { perSecond, seconds };
    say(`latency: ${perSecond} statements/s, without delivery`);
    const excluded = summary(await withoutDelivery(pace));
    say(`latency: ${perSecond} statements/s, with the emulated delivery`);
    const included = summary(await withDelivery(pace));
    const goal = perSecond === goalRate ? { atMost: 300 } : undefined;
    ratios.push({ name: `p99 at ${perSecond}/s, delivery excluded`, value: excluded.p99, unit: "ms", goal });
    ratios.push({ name: `p99 at ${perSecond}/s, delivery included`, value: included.p99, unit: "ms" });
    rows.push([perSecond, excluded.p50, excluded.p99, included.p50, included.p99]);
  }
  return {
    section: "latency",
    ratios,
    tables: [
      {
        title: "Milliseconds from the commit at the source until the target shows it",
        columns: ["statements/s", "p50, delivery excluded", "p99", "p50, delivery included", "p99"],
        rows,
      },
    ],
    notes: [
      "excluded: the function gets each line as soon as it is in the log and the function is free",
      "included: the shipper, the Kinesis API and the event source mapping of `npm run local`; on AWS, CloudWatch Logs adds seconds of its own",
    ],
  };
}

async function withoutDelivery(pace: Pace): Promise<readonly number[]> {
  return await Rig.hold(async (rig) => {
    const source = await rig.source();
    const target = await rig.follower("target");
    const tables = probeTable(pace.perSecond * pace.seconds);
    await prepare(source, tables);
    await prepare(target, tables);
    const follower = await rig.sync({ source, target, route: "shop.*" });
    await follower.settle();
    const stop = new AbortController();
    const feeding = feedDirectly(source, follower, stop.signal);
    const measuring = measureLatencies(source, target, pace).finally(() => {
      stop.abort();
    });
    const [latencies] = await Promise.all([measuring, feeding]);
    return latencies;
  });
}

async function withDelivery(pace: Pace): Promise<readonly number[]> {
  const workspace = createWorkspace();
  const schema = join(workspace.path, "schema.sql");
  writeFileSync(schema, probeTable(pace.perSecond * pace.seconds).join(";\n"));
  const pipeline = await Pipeline.start(localSettings(), scenario(schema), workspace.path);
  try {
    const [target] = pipeline.servers.targets;
    if (target === undefined) throw new Error("the pipeline has no target");
    // The route begins with a backfill, which is not what is measured.
    const problems = await pipeline.during(pipeline.settle(60_000));
    if (problems.length > 0) throw new Error(problems.join("; "));
    return await pipeline.during(measureLatencies(pipeline.servers.source, target.server, pace));
  } finally {
    await pipeline.stop();
    await removeServers([pipeline.servers.source, ...pipeline.servers.targets.map(({ server }) => server)]);
    workspace.remove();
  }
}

function localSettings(): LocalSettings {
  const settings = parseLocalArguments([]);
  if (settings === "help") throw new Error("no arguments were taken for --help");
  return settings;
}

/** The same table on both sides, and one target that follows everything. The work comes from elsewhere. */
function scenario(schema: string): Scenario {
  return {
    sourceSchema: [schema],
    targetSchema: () => [schema],
    targets: undefined,
    run: async () => {
      await Promise.resolve();
    },
  };
}

async function removeServers(servers: readonly Mariadb[]): Promise<void> {
  for (const server of servers) await server.remove();
}
