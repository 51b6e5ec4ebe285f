/**
 * Compares a route's tables while both sides are being written, and changes nothing.
 *
 * A row that differs is only a candidate: its touch may be on the way. Both the comparison and every refresh hold the
 * route's lock, and a refresh removes its rows from the candidates in the same transaction. So a candidate that is still
 * there when every touch in flight at the time of the comparison has been applied was covered by none of them: the target
 * holds something that the source did not have then, and no record will mend it. That is drift. Comparing twice without
 * the removal would not do: of a row that is changed again and again, two looks may well show the same two values.
 *
 * In flight are, at the time of the look:
 *
 * - records between the audit log and the function. They are over when a heartbeat that was sent later has come back and
 *   for `settleMs` no invocation has met a log event that is older. The heartbeat alone proves nothing, because records
 *   overtake each other (Aurora writes four files at a time, a stream has shards); the old events alone prove nothing
 *   while the path stands still.
 * - touches of transactions. One that was open then is not part of what the look read; one that is over is refreshed by the
 *   invocation that goes on with this job, before it does.
 * - jobs that a record asked for: while the route has any, its verification waits.
 */
import * as v from "valibot";
import { SyncError } from "../errors";
import type { RoutePlan } from "../routes/plan";
import type { DifferenceKind } from "../state/differences";
import type { Job } from "../state/store";
import { differingKeys, digestsOf, nextChunk } from "./compare";
import { locked, type Context } from "./locked";
import { decodePosition, encodePosition, type KeyText } from "./keys";

/** What a slice of a job came to: `waiting` for something that another invocation brings. */
export type Progress = "goes-on" | "waiting" | "done";

/** What an invocation knows about the records on the way. */
export interface Evidence {
  /** Milliseconds since the epoch of the oldest log event that the invocation carried; `undefined`: it carried none. */
  readonly oldestEventMs: number | undefined;
  /** When the last heartbeat that came back was sent; `undefined`: none has; `"none"`: there are no heartbeats. */
  readonly heartbeatMs: number | undefined | "none";
}

export interface VerifySettings {
  /** Milliseconds without an older event after which the records in flight count as applied. */
  readonly settleMs: number;
  /** Repair what is found without being asked. */
  readonly repair: boolean;
}

/** Rows of one slice. */
const sliceRows = 1_000;
/** Keys that are looked at again in one slice. */
const checkRows = 500;
/** Rows that are kept at most; with more, the table as a whole is wrong and is named so. */
export const keptDifferences = 20_000;
/** Looks at a row whose target changes without a refresh. */
const maximumRounds = 3;
/**
 * A statement's record is written after its changes can be seen, and the log's clock is not the function's: events this
 * much younger than the look count as older.
 */
const marginMs = 5_000;

const verifyWork = v.object({
  phase: v.picklist(["look", "settle", "check"]),
  /** Time of the last look, in milliseconds since the epoch. */
  lookedMs: v.optional(v.number(), 0),
  /** Time at which an older event was last seen. */
  disturbedMs: v.optional(v.number(), 0),
  round: v.optional(v.number(), 1),
  incomplete: v.optional(v.boolean(), false),
});
type VerifyWork = v.InferOutput<typeof verifyWork>;

export const startOfVerify = { phase: "look" } as const;

/** The last verification of a route, as the settings keep it. */
export interface Verification {
  readonly finishedAt: string;
  readonly rows: number;
  readonly drift: number;
  /** There were too many differences to list them. */
  readonly incomplete: boolean;
}

export const verificationSetting = (route: string): string => `verify:${route}`;

/** Goes on with a verification. */
export async function verifySlice(context: Context, plan: RoutePlan, job: Job): Promise<Progress> {
  return await locked(context, plan, async () => {
    const current = await context.store.job(job.id);
    if (current === undefined) return "done";
    const parsed = v.safeParse(verifyWork, current.work);
    if (!parsed.success) throw new SyncError("UNEXPECTED", `the stored work of job ${job.id} is not one of the sync's`);
    if (await context.store.hasRefreshJobs(plan.id)) return "waiting";
    switch (parsed.output.phase) {
      case "look":
        return await look(context, plan, current, parsed.output);
      case "settle":
        return await settle(context, current, parsed.output);
      case "check":
        return await check(context, plan, current, parsed.output);
    }
  });
}

async function look(context: Context, plan: RoutePlan, job: Job, work: VerifyWork): Promise<Progress> {
  const { source, target, store, paces } = context;
  const pace = paces.of(plan);
  const position = job.position === undefined ? undefined : decodePosition(job.position);
  const chunk = await nextChunk(plan, source, target, position, pace.rows(sliceRows));
  const { keys, rows, bytes, targetDigests } = await differingKeys(plan, source, target, chunk);
  pace.took(Math.max(rows, keys.length), bytes);
  const to = chunk.upTo === undefined ? undefined : encodePosition(chunk.upTo);
  await store.differences.add(
    plan.id,
    { from: job.position, to },
    work.round,
    keys.map((key) => ({ key, targetDigest: targetDigests.get(key) })),
  );
  const incomplete = keys.length > 0 && (await store.differences.countOf(plan.id)) > keptDifferences;
  const over = to === undefined || incomplete;
  const nowMs = Date.now();
  await store.setWork(job.id, {
    ...work,
    phase: over ? "settle" : "look",
    lookedMs: nowMs,
    disturbedMs: nowMs,
    incomplete,
  });
  await store.moveJob(job.id, to ?? job.position, rows);
  return over ? "waiting" : "goes-on";
}

async function settle({ store, evidence, verify }: Context, job: Job, work: VerifyWork): Promise<Progress> {
  const nowMs = Date.now();
  const margin = Math.min(marginMs, verify.settleMs);
  const { oldestEventMs, heartbeatMs } = evidence;
  if (oldestEventMs !== undefined && oldestEventMs < work.lookedMs + margin) {
    await store.setWork(job.id, { ...work, disturbedMs: nowMs });
    return "waiting";
  }
  const beaten = heartbeatMs === "none" || (heartbeatMs !== undefined && heartbeatMs >= work.lookedMs + margin);
  if (!beaten || nowMs < work.disturbedMs + margin + verify.settleMs) return "waiting";
  await store.setWork(job.id, { ...work, phase: "check" });
  return "goes-on";
}

async function check(context: Context, plan: RoutePlan, job: Job, work: VerifyWork): Promise<Progress> {
  const { source, target, store, paces } = context;
  const candidates = await store.differences.ofRound(plan.id, work.round, paces.of(plan).rows(checkRows));
  if (candidates.length === 0) return await endRound(context, plan, job, work);
  const keys = candidates.map(({ key }) => key);
  const here = await digestsOf(plan, source, "source", keys);
  const there = await digestsOf(plan, target, "target", keys);
  const equal: KeyText[] = [];
  const drifted: Record<DifferenceKind, KeyText[]> = { missing: [], extra: [], different: [] };
  for (const { key, targetDigest } of candidates) {
    const wanted = here.get(key);
    const found = there.get(key);
    if (wanted === found) equal.push(key);
    else if (found !== targetDigest && work.round < maximumRounds) {
      await store.differences.postpone(plan.id, work.round + 1, { key, targetDigest: found });
    } else drifted[kindOf(wanted, found)].push(key);
  }
  await store.differences.forget(plan.id, equal);
  for (const kind of ["missing", "extra", "different"] as const) {
    await store.differences.confirm(plan.id, kind, drifted[kind]);
  }
  return "goes-on";
}

function kindOf(source: string | undefined, target: string | undefined): DifferenceKind {
  if (target === undefined) return "missing";
  return source === undefined ? "extra" : "different";
}

async function endRound(context: Context, plan: RoutePlan, job: Job, work: VerifyWork): Promise<Progress> {
  const { store, verify, notices } = context;
  const round = work.round + 1;
  if ((await store.differences.ofRound(plan.id, round, 1)).length > 0) {
    const nowMs = Date.now();
    await store.setWork(job.id, { ...work, phase: "settle", round, lookedMs: nowMs, disturbedMs: nowMs });
    return "waiting";
  }
  const drift = await store.differences.finish(plan.id, job.id);
  const verification: Verification = {
    finishedAt: new Date().toISOString(),
    rows: job.rowsDone,
    drift,
    incomplete: work.incomplete,
  };
  await store.setSetting(verificationSetting(plan.id), verification);
  await store.advanceJob(job, undefined, 0);
  if (drift === 0) return "done";
  if (verify.repair) await requestRepair(context, plan, verification);
  notices.push({
    level: "error",
    code: "DRIFT_FOUND",
    route: plan.id,
    message: `${drift}${work.incomplete ? " and more" : ""} rows differ from the source although nothing is in flight; ${verify.repair ? "they are being repaired" : "see the runbook for drift"}`,
  });
  return "done";
}

/** Refreshes what the verification found: its rows, or everything that differs when they were too many. */
export async function requestRepair(
  { store }: Context,
  plan: Pick<RoutePlan, "id">,
  verification: Verification | undefined,
): Promise<void> {
  if (verification?.incomplete === true) await store.requestCompare(plan.id, "repair");
  await store.requestOnce(plan.id, "repair", {});
}
