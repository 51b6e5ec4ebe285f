/** Waits for background work that was asked for, and shows how far it is. */
import { setTimeout as sleep } from "node:timers/promises";
import type { JobStatus, RouteStatus, Status } from "../handler/operate/status";
import type { JobKind } from "../handler/state/store";
import { bar, count, duration, type Screen } from "./screen";
import { ask, FunctionError, type SyncFunction } from "./syncFunction";

export interface Awaited {
  readonly target: SyncFunction;
  /** Target tables whose jobs were asked for. */
  readonly tables: readonly string[];
}

const pollMs = 1_000;
/** Failures in a row that are waited out. */
const patience = 60;

/** Rows that are done, and when that was. */
interface Sample {
  readonly rows: number;
  readonly atMs: number;
}

/** Waits until no job of these kinds is left on the tables. Returns a sentence for what is not done; empty: all is. */
export async function waitForJobs(
  awaited: readonly Awaited[],
  kinds: readonly JobKind[],
  deadlineMs: number,
  screen: Screen,
): Promise<readonly string[]> {
  const results = new Map<string, string>();
  const lines = new Map<string, string>();
  await Promise.all(
    awaited.map(async ({ target, tables }) => {
      const result = await waitForTarget(target, new Set(tables), kinds, deadlineMs, (line) => {
        lines.set(target.name, line);
        screen.progress([...lines.values()]);
      });
      if (result !== undefined) results.set(target.name, result);
    }),
  );
  screen.clear();
  return [...results].map(([name, problem]) => `${name}: ${problem}`);
}

async function waitForTarget(
  target: SyncFunction,
  tables: ReadonlySet<string>,
  kinds: readonly JobKind[],
  deadlineMs: number,
  draw: (line: string) => void,
): Promise<string | undefined> {
  const totals = new Map<string, number>();
  let first: Sample | undefined;
  let failures = 0;
  while (true) {
    const status = await askPatiently(target, failures);
    failures = status === undefined ? failures + 1 : 0;
    if (status === undefined) {
      await sleep(pollMs);
      continue;
    }
    const routes = status.routes.filter((route) => tables.has(route.target));
    const stopped = routes.filter(({ state }) => state === "stopped");
    const jobs = jobsOf(routes, kinds);
    if (jobs.length === 0) return stopped.length === 0 ? undefined : describeStopped(stopped);
    for (const [route, job] of jobs) totals.set(route, Math.max(job.rowsTotal ?? 0, job.rowsDone));
    const sample = { rows: doneRows(jobs, totals), atMs: Date.now() };
    first ??= sample;
    draw(describeProgress(status, jobs, totals, first, sample));
    if (Date.now() > deadlineMs) return `${jobs.length} jobs are not done; npm run sync -- status shows them`;
    await sleep(pollMs);
  }
}

/** A database that fails over for a moment does not end a wait of hours; a function that keeps failing does. */
async function askPatiently(target: SyncFunction, failures: number): Promise<Status | undefined> {
  try {
    return await ask(target, "status", {});
  } catch (error) {
    if (!(error instanceof FunctionError) || failures >= patience) throw error;
    return undefined;
  }
}

type RouteJob = readonly [route: string, job: JobStatus];

function jobsOf(routes: readonly RouteStatus[], kinds: readonly JobKind[]): readonly RouteJob[] {
  return routes.flatMap(({ target, jobs }) =>
    jobs.filter(({ kind }) => kinds.includes(kind)).map((job) => [target, job] as const),
  );
}

/** A table whose job is gone is done. */
function doneRows(jobs: readonly RouteJob[], totals: ReadonlyMap<string, number>): number {
  const open = new Map(jobs);
  return [...totals].reduce((sum, [route, total]) => sum + (open.get(route)?.rowsDone ?? total), 0);
}

function describeProgress(
  status: Status,
  jobs: readonly RouteJob[],
  totals: ReadonlyMap<string, number>,
  first: Sample,
  last: Sample,
): string {
  const name = status.target.padEnd(12);
  if (jobs.every(([, { settling }]) => settling)) {
    return `${name} compared everything; waiting until the changes in flight have been applied`;
  }
  const total = [...totals.values()].reduce((sum, rows) => sum + rows, 0);
  const rate = (last.rows - first.rows) / Math.max(1, (last.atMs - first.atMs) / 1_000);
  const left = rate > 0 ? `, ${duration((total - last.rows) / rate)} left` : "";
  const tables = jobs.length === 1 ? "1 table" : `${jobs.length} tables`;
  return `${name} ${bar(total === 0 ? 0 : last.rows / total)}  ${count(last.rows)} rows, ${count(Math.round(rate))}/s${left}, ${tables}`;
}

function describeStopped(stopped: readonly RouteStatus[]): string {
  return stopped.map(({ target, problem }) => `${target} is stopped: ${problem ?? "no reason"}`).join("; ");
}
