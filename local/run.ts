import { join, relative } from "node:path";
import { type LocalSettings } from "./arguments";
import { startControl } from "./control";
import { compareTarget, type TableResult } from "./compare/compare";
import { Pipeline } from "./pipeline";
import { describeProblems, type RunResult, toResult } from "./report";
import { chooseScenario, type WorkloadProgress } from "./scenario";
import { clientArguments } from "./sqlClient";
import { readOutstanding } from "./syncState";
import { takeSnapshot } from "./view/snapshot";
import { Page } from "./web/page";
import { type View } from "./view/liveView";
import { type Workspace } from "./workspace";

export interface RunReport {
  readonly result: RunResult;
  readonly problems: readonly string[];
}

const frameMs = 200;

/** One run from the first server to the comparison. `enough` ends a `--watch`. */
export async function runLocally(
  settings: LocalSettings,
  workspace: Workspace,
  view: View,
  enough: Promise<void>,
): Promise<RunReport> {
  const startedMs = Date.now();
  const elapsed = (): number => (Date.now() - startedMs) / 1000;
  const scenario = chooseScenario(settings);
  const workload: WorkloadProgress = { share: undefined, failedStatements: 0, errors: [] };
  view.say("starting a source, its targets and a stream");
  const pipeline = await Pipeline.start(settings, scenario, workspace.path);
  const control = await startControl(workspace.path, pipeline.lanes);
  let phase = "the workload runs";
  for (const problem of pipeline.servers.unfollowed) view.say(problem);
  const page = settings.web ? await openPage(pipeline, settings, view) : undefined;
  const redraw = (): void => {
    const snapshot = takeSnapshot(pipeline, workload, phase, elapsed());
    view.update(snapshot);
    page?.update(snapshot);
  };
  const timer = setInterval(redraw, frameMs);
  const enter = (next: string): void => {
    phase = next;
    redraw();
  };
  try {
    enter(phase);
    await pipeline.during(scenario.run(pipeline.servers.source, workload));
    workload.share = undefined;
    sayErrors(workload, view);
    if (settings.watch) {
      sayConnections(pipeline, view);
      view.say("npm run sync -- status --local shows how the targets stand, in another terminal");
      await page?.follow();
      enter("following what you type there; Ctrl-C compares");
      await pipeline.during(page === undefined ? enough : Promise.race([enough, page.failure]));
      await page?.close();
    }
    enter("waiting for the targets");
    const problems = await pipeline.during(pipeline.settle(settings.settleTimeoutMs));
    enter("comparing");
    const tables = await pipeline.during(compareTargets(pipeline));
    const dead = await pipeline.during(countDead(pipeline));
    redraw();
    clearInterval(timer);
    view.close();
    await pipeline.stop();
    const facts = {
      pipeline,
      workload,
      tables,
      dead,
      seconds: elapsed(),
      problems: [...problems, ...givenUp(pipeline)],
    };
    const result = toResult(facts);
    return {
      result: settings.keep ? { ...result, dataDirs: await keepServers(pipeline, workspace) } : result,
      problems: describeProblems(facts),
    };
  } finally {
    clearInterval(timer);
    control.close();
  }
}

async function openPage(pipeline: Pipeline, settings: LocalSettings, view: View): Promise<Page> {
  const page = await Page.open(pipeline, settings.schemaFiles.length === 0);
  view.say(`page:  ${page.url}`);
  return page;
}

function sayErrors({ failedStatements, errors }: WorkloadProgress, view: View): void {
  const [first] = errors;
  if (first !== undefined) view.say(`${failedStatements} statements failed, one with: ${first}`);
}

function sayConnections({ servers, lanes }: Pipeline, view: View): void {
  for (const server of [servers.source, ...lanes.map((lane) => lane.server)]) {
    view.say(`${server.name}:  mariadb ${clientArguments(server).join(" ")}`);
  }
}

async function compareTargets({ servers, lanes }: Pipeline): Promise<ReadonlyMap<string, readonly TableResult[]>> {
  const tables = new Map<string, readonly TableResult[]>();
  for (const { name, server, target } of lanes) {
    tables.set(name, await compareTarget(servers.source, server, target.routes));
  }
  return tables;
}

async function countDead({ lanes }: Pipeline): Promise<number> {
  const outstanding = await Promise.all(lanes.map(({ server }) => readOutstanding(server)));
  return outstanding.reduce((sum, state) => sum + (state?.dead ?? 0), 0);
}

function givenUp({ lanes }: Pipeline): readonly string[] {
  return lanes
    .filter((lane) => lane.givenUp > 0)
    .map((lane) => `${lane.name}: ${lane.givenUp} stream records were given up and went to the failure destination`);
}

/** Stops the servers in good order, so that any server of their version opens the data, and gives back where it is. */
async function keepServers(
  { servers, lanes }: Pipeline,
  workspace: Workspace,
): Promise<NonNullable<RunResult["dataDirs"]>> {
  await Promise.all([servers.source, ...lanes.map((lane) => lane.server)].map((server) => server.stop()));
  const before = workspace.path;
  const kept = workspace.keep();
  const moved = (path: string): string => join(kept, relative(before, path));
  return {
    source: moved(servers.source.dataDir),
    targets: Object.fromEntries(lanes.map(({ name, server }) => [name, moved(server.dataDir)])),
  };
}
