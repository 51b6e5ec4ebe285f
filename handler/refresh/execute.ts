/** Carries out what is to be refreshed in one route: each step is a transaction under the route's lock. */
import { SyncError } from "../errors";
import type { RoutePlan } from "../routes/plan";
import type { SqlText } from "../sql/text";
import type { OpenTransactions } from "../source/openTransactions";
import { encodeSql } from "../state/differences";
import type { Touch, WideningReason } from "../touch/touch";
import { keyFromLiterals, type KeyText } from "./keys";
import { findKeys, isRefusedPredicate, keyTexts, locate, type Located, type WhereTouch } from "./locate";
import { locked, refreshing, type Context } from "./locked";
import { followTail } from "./followTail";
import { formatTail, parseTail, settleTail } from "./tail";

/** Keys that one transaction refreshes: each costs five round trips, which may take a millisecond each. */
const keysPerTransaction = 2_000;
/** Predicates that one search joins with OR. */
const predicatesPerSearch = 100;
const bytesPerSearch = 500_000;
/** Rows of one search that are refreshed at once; more become a job. */
export const rowsAtOnce = 5_000;

/**
 * Refreshes everything that `touches` name in the route; what is too large for now becomes a job.
 * Returns why the route has to be started again, if so: what is known of its keys does not hold any more.
 */
export async function refreshTouches(
  context: Context,
  plan: RoutePlan,
  touches: readonly Touch[],
  open: OpenTransactions,
): Promise<WideningReason | undefined> {
  const { keys, searches, tail, all } = sort(plan, touches);
  let whole = all;
  if (whole === undefined) {
    for (const side of ["target", "source"] as const) whole ??= await search(context, plan, searches, side, keys);
  }
  const restart = whole !== undefined && mustRestart(plan, whole) ? whole : undefined;
  if (whole !== undefined) countWidening(context, whole);
  if (whole !== undefined && restart === undefined) await requestCompare(context, plan, whole);
  await refreshLiteralKeys(context, plan, [...keys]);
  if (restart !== undefined || !tail) return restart;
  return await copyTail(context, plan, open);
}

/** What the touches of one route come to. */
interface Sorted {
  readonly keys: Set<KeyText>;
  readonly searches: readonly Search[];
  readonly tail: boolean;
  readonly all: WideningReason | undefined;
}

function sort(plan: RoutePlan, touches: readonly Touch[]): Sorted {
  const keys = new Set<KeyText>();
  const searches: Search[] = [];
  let all: WideningReason | undefined;
  let tail = false;
  for (const touch of touches) {
    if (touch.kind === "keys") {
      // Read with another definition of the table, which has been compared since or is about to be.
      if (touch.keys.some((key) => key.length !== plan.key.length)) all = strongest(all, "key-change");
      else for (const key of touch.keys) keys.add(keyFromLiterals(key));
    } else if (touch.kind === "tail") {
      if (plan.source.autoIncrementKey === undefined) all = strongest(all, "unknown-key");
      else tail = true;
    } else if (touch.kind === "all") all = strongest(all, touch.reason);
    else {
      const located = locate(plan, touch);
      if (located === undefined) all ??= plan.partial ? "column-not-at-target" : "unknown-predicate";
      else searches.push({ touch, located });
    }
  }
  return { keys, searches, tail, all };
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
  for (const group of grouped([...byCondition.keys()])) {
    try {
      await searchGroup(context, plan, side, group, byCondition, keys);
    } catch (error) {
      if (!isRefusedPredicate(error)) throw error;
      return "refused-predicate";
    }
  }
  return undefined;
}

/** Conditions that one search joins with OR. */
function grouped(conditions: readonly SqlText[]): readonly (readonly SqlText[])[] {
  const groups: SqlText[][] = [];
  let bytes = 0;
  for (const condition of conditions) {
    const open = groups.at(-1);
    bytes += condition.length;
    if (open === undefined || open.length === predicatesPerSearch || bytes > bytesPerSearch) {
      groups.push([condition]);
      bytes = condition.length;
    } else open.push(condition);
  }
  return groups;
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
  const few = await locked(context, plan, async () => {
    const session = side === "source" ? source : target;
    const found = await findKeys(plan, session, side, group.map((part) => `(${part})`).join(" OR "), rowsAtOnce + 1);
    if (found.length <= rowsAtOnce) {
      for (const key of keyTexts(plan, found)) keys.add(key);
      return true;
    }
    const touch = group.length === 1 && group[0] !== undefined ? touches.get(group[0]) : undefined;
    if (touch === undefined) return false;
    await store.addJob(plan.id, "where", "unknown-predicate", { touch, side });
    return true;
  });
  if (few) return;
  // One of them selects many rows; the others need not wait for its job.
  const middle = group.length >> 1;
  for (const part of [group.slice(0, middle), group.slice(middle)]) {
    await searchGroup(context, plan, side, part, touches, keys);
  }
}

/**
 * After these, AUTO_INCREMENT may start again and rows may have got keys that were read with an old picture of the table,
 * so that what was copied says nothing about keys to come, and rows of transactions that are open now about what is seen.
 * A trigger cannot do that: the server lets it neither truncate nor define a table.
 */
const mayRestartKeys: ReadonlySet<WideningReason> = new Set([
  "ddl",
  "truncate",
  "truncated",
  "unparsable",
  "unknown-statement",
  "call",
  "malformed",
]);

/** What empties a table but leaves its definition: only keys that the server gives out can come back. */
const mayEmpty: ReadonlySet<WideningReason> = new Set(["truncate", "call"]);

function mustRestart(plan: RoutePlan, reason: WideningReason): boolean {
  return mayRestartKeys.has(reason) && (plan.source.autoIncrementKey !== undefined || !mayEmpty.has(reason));
}

function countWidening({ counters }: Context, reason: WideningReason): void {
  counters.widenings.set(reason, (counters.widenings.get(reason) ?? 0) + 1);
}

async function requestCompare(context: Context, plan: RoutePlan, reason: WideningReason): Promise<void> {
  await locked(context, plan, async () => {
    await context.store.requestCompare(plan.id, reason);
  });
}

/** Keys as a statement wrote them; a literal that this server refuses to compare with the column says nothing. */
async function refreshLiteralKeys(context: Context, plan: RoutePlan, keys: readonly KeyText[]): Promise<void> {
  try {
    await refreshKeyTexts(context, plan, keys);
  } catch (error) {
    if (!(error instanceof SyncError) || !incomparable.has(error.errno ?? 0)) throw error;
    countWidening(context, "refused-predicate");
    await requestCompare(context, plan, "refused-predicate");
  }
}

/** ER_CANT_AGGREGATE_2COLLATIONS and its like, and ER_INVALID_CHARACTER_STRING, ER_OPERAND_COLUMNS. */
const incomparable: ReadonlySet<number> = new Set([1267, 1270, 1271, 1300, 1241]);

/**
 * Refreshes rows by key, a bounded number in each transaction; a row that the target refuses is set aside alone. What
 * there is no time for becomes jobs.
 */
export async function refreshKeyTexts(context: Context, plan: RoutePlan, keys: readonly KeyText[]): Promise<void> {
  const pace = context.paces.of(plan);
  for (let start = 0, end; start < keys.length; start = end) {
    end = start + pace.rows(keysPerTransaction);
    const some = keys.slice(start, end);
    if (Date.now() >= context.refreshUntilMs) {
      await context.store.addJob(plan.id, "keys", "unknown-key", { keys: some.map(encodeSql) });
      continue;
    }
    await refreshing(context, plan, async (refresh) => {
      await refresh(some);
    });
  }
}

/** `undefined`: done, or a job where time ran out; else why the route has to be started again. */
async function copyTail(
  context: Context,
  plan: RoutePlan,
  open: OpenTransactions,
): Promise<WideningReason | undefined> {
  do {
    const goesOn = await refreshing(context, plan, async (refresh) => await tailSlice(context, plan, open, refresh));
    if (goesOn === "restart") return "unknown-key";
    if (goesOn === "done") return undefined;
  } while (Date.now() < context.refreshUntilMs);
  await locked(context, plan, async () => {
    await context.store.requestTail(plan.id);
  });
  return undefined;
}

/** One slice of a tail, in a transaction that holds the route's lock. `open`: seen before; without it gaps stay. */
export async function tailSlice(
  { source, target, store, paces }: Context,
  plan: RoutePlan,
  open: OpenTransactions | undefined,
  refresh: (keys: readonly KeyText[]) => Promise<void>,
): Promise<"more" | "done" | "restart"> {
  const stored = await store.tail(plan.id);
  if (stored === undefined) return "restart";
  const tail = parseTail(stored, plan.id);
  const followed = await followTail(
    plan,
    { source, target },
    open === undefined ? tail : settleTail(tail, open),
    paces.of(plan).rows(),
    refresh,
  );
  if (followed === undefined) return "restart";
  const state = formatTail(followed.tail);
  if (JSON.stringify(state) !== JSON.stringify(stored)) await store.setTail(plan.id, state);
  return followed.more ? "more" : "done";
}
