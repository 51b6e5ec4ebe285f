/** Refreshes that go on in bounded slices, by whichever invocation comes next. */
import * as v from "valibot";
import { SyncError } from "../errors";
import type { RoutePlan } from "../routes/plan";
import { integer } from "../state/json";
import type { Job } from "../state/store";
import { text, type Value } from "../sql/text";
import { differingKeys, nextChunk } from "./compare";
import { locked, refreshKeyTexts, refreshLocked, type Context } from "./execute";
import { decodePosition, encodePosition, type KeyText } from "./keys";
import { findKeys, keyTexts, locate, type WhereTouch } from "./locate";
import { isRefused } from "./refresh";
import { repairSlice } from "./repair";
import { verifySlice, type Progress } from "./verify";

/** Rows of one slice. */
const sliceRows = 1_000;

/**
 * Runs slices of every job in turn until `deadlineMs` (on the clock of `Date.now`), so that none waits for another's end.
 * One slice runs at least, and what has waited longest comes first: a batch of records is not held up by many jobs, and no
 * job is held up by many batches.
 */
export async function runJobs(
  context: Context,
  plans: ReadonlyMap<string, RoutePlan>,
  deadlineMs: number,
  onRouteError: (route: string, error: unknown) => void,
): Promise<void> {
  let jobs = (await context.store.jobs()).filter((job) => plans.has(job.route));
  let worked = false;
  while (jobs.length > 0) {
    const unfinished: Job[] = [];
    for (const job of jobs) {
      if (worked && Date.now() >= deadlineMs) return;
      const plan = plans.get(job.route);
      if (plan === undefined) continue;
      try {
        const progress = await runSlice(context, plan, job);
        worked ||= progress !== "waiting";
        if (progress === "goes-on") unfinished.push(job);
      } catch (error) {
        onRouteError(job.route, error);
      }
    }
    jobs = unfinished;
  }
}

async function runSlice(context: Context, plan: RoutePlan, job: Job): Promise<Progress> {
  const current = job.rowsTotal === undefined ? await estimate(context, plan, job) : job;
  switch (current.kind) {
    case "compare":
    case "where":
      return (await refreshSlice(context, plan, current)) ? "goes-on" : "done";
    case "verify":
      return await verifySlice(context, plan, current);
    case "repair":
      return await repairSlice(context, plan, current);
  }
}

/** How many rows a job will look at: what the source's statistics say about the table, without counting it. */
async function estimate({ source, store }: Context, plan: RoutePlan, job: Job): Promise<Job> {
  if (job.kind === "where") return job;
  const { database, table } = plan.source.name;
  const rows = await source.rows(
    `SELECT TABLE_ROWS FROM information_schema.TABLES
     WHERE TABLE_SCHEMA = ${text(database)} AND TABLE_NAME = ${text(table)}`,
    `estimating the size of ${plan.id}`,
  );
  const rowsTotal = job.kind === "repair" ? await store.differences.countOf(plan.id) : integer(rows[0]?.[0]);
  await store.setTotal(job.id, rowsTotal);
  return { ...job, rowsTotal };
}

/** One slice of a refresh; true when the job goes on. */
async function refreshSlice(context: Context, plan: RoutePlan, job: Job): Promise<boolean> {
  let refused: readonly KeyText[] = [];
  let goesOn = true;
  const step = async (isolate: boolean): Promise<void> => {
    await locked(context, plan, async (lock) => {
      const current = await context.store.job(job.id);
      if (current === undefined) {
        goesOn = false;
        return;
      }
      const position = current.position === undefined ? undefined : decodePosition(current.position);
      const slice =
        current.kind === "where"
          ? await whereSlice(context, plan, current, position)
          : await compareSlice(context, plan, position);
      refused = slice.keys;
      if (!isolate) await refreshLocked(context, plan, lock, slice.keys);
      await context.store.advanceJob(
        current,
        slice.next === undefined ? undefined : encodePosition(slice.next),
        slice.rows,
      );
      goesOn = slice.next !== undefined || current.again;
    });
  };
  try {
    await step(false);
  } catch (error) {
    if (!isRefused(error)) throw error;
    // Row by row first, so that a crash between the two repeats the slice instead of skipping it.
    await refreshKeyTexts(context, plan, refused);
    await step(true);
  }
  return goesOn;
}

interface Slice {
  readonly keys: readonly KeyText[];
  readonly next: readonly Value[] | undefined;
  readonly rows: number;
}

async function compareSlice(context: Context, plan: RoutePlan, position: readonly Value[] | undefined): Promise<Slice> {
  const { source, target } = context;
  const chunk = await nextChunk(plan, source, target, position, sliceRows);
  const { keys, rows } = await differingKeys(plan, source, target, chunk);
  return { keys, next: chunk.upTo, rows };
}

const whereWork = v.object({
  touch: v.custom<WhereTouch>((given) => typeof given === "object"),
  side: v.picklist(["source", "target"]),
});

async function whereSlice(
  context: Context,
  plan: RoutePlan,
  job: Job,
  position: readonly Value[] | undefined,
): Promise<Slice> {
  const parsed = v.safeParse(whereWork, job.work);
  if (!parsed.success) throw new SyncError("UNEXPECTED", `the stored work of job ${job.id} is not one of the sync's`);
  const { touch, side } = parsed.output;
  const condition = locate(plan, touch)?.[side];
  if (condition === undefined) {
    // The route changed meanwhile and the predicate no longer selects safely.
    await context.store.requestCompare(plan.id, "unknown-predicate");
    return { keys: [], next: undefined, rows: 0 };
  }
  const session = side === "source" ? context.source : context.target;
  const found = await findKeys(plan, session, side, condition, sliceRows, { after: position });
  return { keys: keyTexts(plan, found), next: found.length < sliceRows ? undefined : found.at(-1), rows: found.length };
}
