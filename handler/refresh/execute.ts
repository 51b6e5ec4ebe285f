/** Carries out what is to be refreshed in one route: each step is a transaction under the route's lock. */
import { SyncError } from "../errors";
import type { RoutePlan } from "../routes/plan";
import type { Session } from "../sql/connection";
import type { SqlText } from "../sql/text";
import type { OpenTransaction } from "../source/openTransactions";
import { encodeSql } from "../state/differences";
import type { RouteLock } from "../state/schema";
import type { Store } from "../state/store";
import type { Touch, WideningReason } from "../touch/touch";
import { keyFromLiterals, type KeyText } from "./keys";
import { findKeys, keyTexts, locate, type Located, type WhereTouch } from "./locate";
import { isRefused, refreshKeys } from "./refresh";
import type { Evidence, VerifySettings } from "./verify";
import { formatTail, parseTail, refreshTail, settleTail, startOfTail } from "./tail";

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

/** Keys that one transaction refreshes. */
const keysPerTransaction = 500;
/** Predicates that one search joins with OR. */
const predicatesPerSearch = 100;
/** Rows of one search that are refreshed at once; more become a job. */
export const rowsAtOnce = 5_000;

/** Refreshes everything that `touches` name in the route; what is too large for now becomes a job. */
export async function refreshTouches(
  context: Context,
  plan: RoutePlan,
  touches: readonly Touch[],
  open: readonly OpenTransaction[],
): Promise<void> {
  const keys = new Set<KeyText>();
  const searches: Search[] = [];
  let all: WideningReason | undefined;
  let tail = false;
  for (const touch of touches) {
    if (touch.kind === "keys") for (const key of touch.keys) keys.add(keyFromLiterals(key));
    else if (touch.kind === "tail") tail = true;
    else if (touch.kind === "all") all = strongest(all, touch.reason);
    else {
      const located = locate(plan, touch);
      if (located === undefined) all ??= plan.partial ? "column-not-at-target" : "unknown-predicate";
      else searches.push({ touch, located });
    }
  }
  if (all === undefined) {
    for (const side of ["target", "source"] as const) {
      all ??= await search(context, plan, searches, side, keys);
    }
  }
  if (all !== undefined) {
    await requestAll(context, plan, all);
  }
  await refreshKeyTexts(context, plan, [...keys]);
  if (tail) await followTail(context, plan, open);
}

/** Of two reasons for the whole table, the one with more consequences. */
function strongest(known: WideningReason | undefined, reason: WideningReason): WideningReason {
  return known !== undefined && mayRestartKeys.has(known) ? known : reason;
}

interface Search {
  readonly touch: WhereTouch;
  readonly located: Located;
}

/** Adds the keys that the predicates find. Returns why only the whole table will do, if so. */
async function search(
  context: Context,
  plan: RoutePlan,
  searches: readonly Search[],
  side: "source" | "target",
  keys: Set<KeyText>,
): Promise<WideningReason | undefined> {
  const byCondition = new Map<SqlText, WhereTouch>();
  for (const { touch, located } of searches) {
    const condition = located[side];
    if (condition !== undefined) byCondition.set(condition, touch);
  }
  const conditions = [...byCondition.keys()];
  for (let start = 0; start < conditions.length; start += predicatesPerSearch) {
    const group = conditions.slice(start, start + predicatesPerSearch);
    try {
      await searchGroup(context, plan, side, group, byCondition, keys);
    } catch (error) {
      // A predicate that this server refuses (a literal of another type or character set) says nothing about rows.
      if (!(error instanceof SyncError) || (error.code !== "UNEXPECTED" && error.kind !== "poison")) throw error;
      return "refused-predicate";
    }
  }
  return undefined;
}

async function searchGroup(
  context: Context,
  plan: RoutePlan,
  side: "source" | "target",
  group: readonly SqlText[],
  touches: ReadonlyMap<SqlText, WhereTouch>,
  keys: Set<KeyText>,
): Promise<void> {
  const { source, target, store } = context;
  await locked(context, plan, async () => {
    const session = side === "source" ? source : target;
    const found = await findKeys(plan, session, side, group.map((part) => `(${part})`).join(" OR "), rowsAtOnce + 1);
    if (found.length <= rowsAtOnce) {
      for (const key of keyTexts(plan, found)) keys.add(key);
      return;
    }
    for (const condition of group) {
      const touch = touches.get(condition);
      if (touch !== undefined) await store.addJob(plan.id, "where", "unknown-predicate", { touch, side });
    }
  });
}

/** After these, AUTO_INCREMENT may start again, so that what was copied says nothing about keys to come. */
const mayRestartKeys: ReadonlySet<WideningReason> = new Set([
  "ddl",
  "truncate",
  "truncated",
  "unparsable",
  "unknown-statement",
  "call",
  "trigger",
  "malformed",
]);

async function requestAll(context: Context, plan: RoutePlan, reason: WideningReason): Promise<void> {
  const { counters, store } = context;
  counters.widenings.set(reason, (counters.widenings.get(reason) ?? 0) + 1);
  await locked(context, plan, async () => {
    await store.requestCompare(plan.id, reason);
    if (plan.source.autoIncrementKey !== undefined && mayRestartKeys.has(reason)) {
      await store.setTail(plan.id, formatTail(startOfTail));
    }
  });
}

/** Refreshes rows by key, a bounded number in each transaction; a row that the target refuses is set aside alone. */
export async function refreshKeyTexts(context: Context, plan: RoutePlan, keys: readonly KeyText[]): Promise<void> {
  for (let start = 0; start < keys.length; start += keysPerTransaction) {
    await refreshOrIsolate(context, plan, keys.slice(start, start + keysPerTransaction));
  }
}

async function refreshOrIsolate(context: Context, plan: RoutePlan, keys: readonly KeyText[]): Promise<void> {
  try {
    await locked(context, plan, async (lock) => {
      await refreshLocked(context, plan, lock, keys);
    });
  } catch (error) {
    if (!isRefused(error)) throw error;
    const [only] = keys;
    if (keys.length === 1 && only !== undefined) {
      await setRowAside(context, plan, only, error);
      return;
    }
    const middle = keys.length >> 1;
    await refreshOrIsolate(context, plan, keys.slice(0, middle));
    await refreshOrIsolate(context, plan, keys.slice(middle));
  }
}

/** Refreshes rows inside a transaction that holds the route's lock. */
export async function refreshLocked(
  context: Context,
  plan: RoutePlan,
  lock: RouteLock,
  keys: readonly KeyText[],
): Promise<void> {
  const refreshed = await refreshKeys(plan, context.source, context.target, keys);
  context.counters.written += refreshed.written;
  context.counters.deleted += refreshed.deleted;
  if (lock.watched) await context.store.differences.forget(plan.id, [...keys, ...refreshed.keys]);
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

/** Slices of a tail that one invocation copies; after a reset, a large table may need many. */
const tailSlices = 20;

async function followTail(context: Context, plan: RoutePlan, open: readonly OpenTransaction[]): Promise<void> {
  const { source, target, store, counters } = context;
  let more = true;
  for (let slice = 0; more; slice++) {
    if (slice === tailSlices) {
      // What is visible now is read by the comparison, what appears later is above the tail.
      await requestAll(context, plan, "unknown-key");
      return;
    }
    try {
      more = await locked(context, plan, async (lock) => {
        const stored = await store.tail(plan.id);
        if (stored === undefined) {
          await store.requestCompare(plan.id, "unknown-key");
          return false;
        }
        const nowMs = Date.now();
        const result = await refreshTail(
          plan,
          source,
          target,
          settleTail(parseTail(stored, plan.id), open, nowMs),
          nowMs,
        );
        counters.written += result.written;
        if (lock.watched) await store.differences.forget(plan.id, result.keys);
        await store.setTail(plan.id, formatTail(result.tail));
        return result.more;
      });
    } catch (error) {
      if (!isRefused(error)) throw error;
      // The whole table, row by row: it sets aside what the target refuses and copies the rest.
      await requestAll(context, plan, "unknown-key");
      return;
    }
  }
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
