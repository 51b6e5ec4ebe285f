/** The critical section: find keys, read the source, write the target, commit; one worker at a time for each route. */
import { SyncError } from "../errors";
import type { RoutePlan } from "../routes/plan";
import type { Session } from "../sql/connection";
import { encodeSql } from "../state/differences";
import type { RouteLock } from "../state/schema";
import type { Store } from "../state/store";
import type { WideningReason } from "../touch/touch";
import type { KeyText } from "./keys";
import type { Paces } from "./pace";
import { isRefused, refreshKeys } from "./refresh";
import type { Refreshed } from "./rows";
import { replaceStepwise } from "./stepwise";
import { uniqueKeysOf } from "./uniqueKeys";
import type { Evidence, VerifySettings } from "./verify";

/** Counts of one invocation, in the terms of the metrics. */
export interface Counters {
  written: number;
  deleted: number;
  dead: number;
  widenings: Map<WideningReason, number>;
}

export interface Context {
  readonly source: Session;
  readonly target: Session;
  readonly store: Store;
  readonly counters: Counters;
  readonly paces: Paces;
  /** What is not refreshed at this time on the clock of `Date.now` becomes a job. */
  readonly refreshUntilMs: number;
  readonly verify: VerifySettings;
  readonly evidence: Evidence;
  /** What somebody should read in the log. */
  readonly notices: Notice[];
}

export interface Notice {
  readonly level: "info" | "warn" | "error";
  readonly code: string;
  readonly route?: string;
  readonly message: string;
}

/** How often a step that lost a lock is tried again before the whole batch is. */
const lockAttempts = 5;

/** Runs a step in a transaction of the target that holds the route's lock. */
export async function locked<T>(
  context: Context,
  plan: { id: string },
  work: (lock: RouteLock) => Promise<T>,
): Promise<T> {
  const { target, store } = context;
  for (let attempt = 1; ; attempt++) {
    try {
      return await target.transaction(async () => {
        return await work(await store.schema.lock(target, plan.id));
      });
    } catch (error) {
      if (!(error instanceof SyncError) || error.code !== "LOCK_CONFLICT" || attempt === lockAttempts) throw error;
    }
  }
}

export type Refresh = (keys: readonly KeyText[]) => Promise<void>;

/**
 * Runs a step that refreshes rows, in a transaction that holds the route's lock. When the target refuses one of the rows,
 * the step runs once more in a new transaction that sets aside the refused rows and refreshes the others: so whatever
 * else the step writes is committed together with all of its rows.
 */
export async function refreshing<T>(
  context: Context,
  plan: RoutePlan,
  step: (refresh: Refresh) => Promise<T>,
): Promise<T> {
  const { counters } = context;
  const before = { ...counters };
  const run = async (attempt: (keys: readonly KeyText[], lock: RouteLock) => Promise<void>): Promise<T> =>
    await locked(context, plan, async (lock) => {
      Object.assign(counters, before);
      return await step(async (keys) => {
        await attempt(keys, lock);
      });
    });
  try {
    return await run(async (keys, lock) => {
      await note(context, plan, lock, keys, await refreshKeys(plan, context.source, context.target, keys));
    });
  } catch (error) {
    if (!isRefused(error)) throw error;
  }
  return await run(async (keys, lock) => {
    await refreshApart(context, plan, lock, keys);
  });
}

/** A refreshed row is no difference any more, whatever a verification saw. */
async function note(
  { counters, store, paces }: Context,
  plan: RoutePlan,
  lock: RouteLock,
  keys: readonly KeyText[],
  refreshed: Refreshed,
): Promise<void> {
  paces.of(plan).took(keys.length, refreshed.bytes);
  counters.written += refreshed.written;
  counters.deleted += refreshed.deleted;
  if (lock.watched) await store.differences.forget(plan.id, [...keys, ...refreshed.keys]);
}

/** Halves the rows until the refused ones are alone. */
async function refreshApart(
  context: Context,
  plan: RoutePlan,
  lock: RouteLock,
  keys: readonly KeyText[],
): Promise<void> {
  const { source, target } = context;
  const attempt = async (refresh: () => Promise<Refreshed>): Promise<SyncError | undefined> =>
    await undoing(context, async () => {
      await note(context, plan, lock, keys, await refresh());
    });
  const error = await attempt(() => refreshKeys(plan, source, target, keys));
  if (error === undefined) return;
  const [only] = keys;
  if (keys.length > 1 || only === undefined) {
    const middle = keys.length >> 1;
    await refreshApart(context, plan, lock, keys.slice(0, middle));
    await refreshApart(context, plan, lock, keys.slice(middle));
    return;
  }
  const disputed = duplicateEntry.has(error.errno ?? 0) && uniqueKeysOf(plan).opaque;
  const refusal = disputed ? await attempt(() => replaceStepwise(plan, { source, target }, only)) : error;
  if (refusal !== undefined) await setRowAside(context, plan, only, refusal);
}

/** ER_DUP_KEY, ER_DUP_ENTRY, ER_DUP_UNIQUE. */
const duplicateEntry: ReadonlySet<number> = new Set([1022, 1062, 1169]);

/** Returns the refusal after undoing what was written. */
async function undoing({ target }: Context, work: () => Promise<void>): Promise<SyncError | undefined> {
  await target.run("SAVEPOINT refresh", "starting a step");
  try {
    await work();
    return undefined;
  } catch (error) {
    if (!isRefused(error)) throw error;
    await target.run("ROLLBACK TO SAVEPOINT refresh", "undoing a step");
    return error;
  }
}

async function setRowAside(context: Context, plan: RoutePlan, key: KeyText, error: SyncError): Promise<void> {
  context.counters.dead += 1;
  await context.store.dead.setAside({
    kind: "row",
    route: plan.id,
    code: error.code,
    reason: error.message,
    work: encodeSql(key),
    payload: undefined,
    sequenceNumber: undefined,
  });
}
