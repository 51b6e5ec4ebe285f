/** Refreshes that go on in bounded slices, by whichever invocation comes next. */
import * as v from "valibot";
import { SyncError } from "../errors";
import type { RoutePlan } from "../routes/plan";
import { integer } from "../state/json";
import { decodeSql } from "../state/differences";
import type { Job } from "../state/store";
import { text, type Value } from "../sql/text";
import { differingKeys, nextChunk } from "./compare";
import { tailSlice } from "./execute";
import { decodePosition, encodePosition } from "./keys";
import { findKeys, isRefusedPredicate, keyTexts, locate, type WhereTouch } from "./locate";
import { refreshing, type Context, type Refresh } from "./locked";
import { repairSlice } from "./repair";
import { verifySlice, type Progress } from "./verify";

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
    case "tail":
    case "keys":
      return (await refreshSlice(context, plan, current)) ? "goes-on" : "done";
    case "verify":
      return await verifySlice(context, plan, current);
    case "repair":
      return await repairSlice(context, plan, current);
  }
}

/** How many rows a job will look at: what the source's statistics say about the table, without counting it. */
async function estimate({ source, store }: Context, plan: RoutePlan, job: Job): Promise<Job> {
  if (job.kind !== "compare" && job.kind !== "verify" && job.kind !== "repair") return job;
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
  return await refreshing(context, plan, async (refresh) => {
    const current = await context.store.job(job.id);
    if (current === undefined) return false;
    const slice = await sliceOf(context, plan, current, refresh);
    await context.store.advanceJob(
      current,
      slice.next === undefined ? undefined : encodePosition(slice.next),
      slice.rows,
    );
    return slice.next !== undefined || current.again;
  });
}

interface Slice {
  /** `undefined`: this was the last one. */
  readonly next: readonly Value[] | undefined;
  readonly rows: number;
}

async function sliceOf(context: Context, plan: RoutePlan, job: Job, refresh: Refresh): Promise<Slice> {
  const position = job.position === undefined ? undefined : decodePosition(job.position);
  switch (job.kind) {
    case "compare":
      return await compareSlice(context, plan, position, refresh);
    case "where":
      return await whereSlice(context, plan, job, position, refresh);
    case "tail":
      return await tailJobSlice(context, plan, refresh);
    case "keys":
      return await keysSlice(job, refresh);
    case "verify":
    case "repair":
      throw new SyncError("UNEXPECTED", `a ${job.kind} job is not a refresh`);
  }
}

async function compareSlice(
  { source, target, paces }: Context,
  plan: RoutePlan,
  position: readonly Value[] | undefined,
  refresh: Refresh,
): Promise<Slice> {
  const pace = paces.of(plan);
  const chunk = await nextChunk(plan, source, target, position, pace.rows());
  const { keys, rows, bytes } = await differingKeys(plan, source, target, chunk);
  await refresh(keys);
  pace.took(Math.max(rows, keys.length), bytes);
  return { next: chunk.upTo, rows };
}

/** The rest of a tail that was too long for one invocation. Its position only says that it has begun. */
async function tailJobSlice(context: Context, plan: RoutePlan, refresh: Refresh): Promise<Slice> {
  const goesOn =
    plan.source.autoIncrementKey === undefined ? "restart" : await tailSlice(context, plan, undefined, refresh);
  if (goesOn === "restart") await context.store.forgetStart(plan.id);
  return { next: goesOn === "more" ? [] : undefined, rows: 0 };
}

const keysWork = v.object({ keys: v.array(v.string()) });

/** Keys for which an invocation had no time; they are few enough for one slice. */
async function keysSlice(job: Job, refresh: Refresh): Promise<Slice> {
  const parsed = v.safeParse(keysWork, job.work);
  if (!parsed.success) throw new SyncError("UNEXPECTED", `the stored work of job ${job.id} is not one of the sync's`);
  const keys = parsed.output.keys.map(decodeSql);
  await refresh(keys);
  return { next: undefined, rows: keys.length };
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
  refresh: Refresh,
): Promise<Slice> {
  const parsed = v.safeParse(whereWork, job.work);
  if (!parsed.success) throw new SyncError("UNEXPECTED", `the stored work of job ${job.id} is not one of the sync's`);
  const { touch, side } = parsed.output;
  const condition = locate(plan, touch)?.[side];
  if (condition === undefined) {
    // The route changed meanwhile and the predicate no longer selects safely.
    await context.store.requestCompare(plan.id, "unknown-predicate");
    return { next: undefined, rows: 0 };
  }
  const session = side === "source" ? context.source : context.target;
  const most = context.paces.of(plan).rows();
  let found;
  try {
    found = await findKeys(plan, session, side, condition, most, { after: position });
  } catch (error) {
    // The search before this job ended at its limit; a row behind that makes the server refuse the predicate.
    if (!isRefusedPredicate(error)) throw error;
    await context.store.requestCompare(plan.id, "refused-predicate");
    return { next: undefined, rows: 0 };
  }
  await refresh(keyTexts(plan, found));
  return { next: found.length < most ? undefined : found.at(-1), rows: found.length };
}
