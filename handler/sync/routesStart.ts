/**
 * Routes begin with a comparison while their records already flow. They begin again after they had to stop, when a
 * definition is another than the one that they began with, and when what is known of a table's keys no longer holds.
 *
 * Statements that were read with an older picture, or not at all, are covered because of the order: the version is raised,
 * so that whoever begins an invocation later reads a new picture; then open transactions are looked at; then the
 * comparison is asked for, now and once more for each of these transactions. A statement that was over by then is seen by
 * the comparison. One whose transaction was open is waited for. One that ran later is in an invocation that began later.
 */
import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { RoutePlan } from "../routes/plan";
import { locked, type Context } from "../refresh/locked";
import { startTail } from "../refresh/followTail";
import { formatTail, type Tail } from "../refresh/tail";
import { readOpenTransactions, type OpenTransaction } from "../source/openTransactions";
import type { WideningReason } from "../touch/touch";
import type { Picture } from "./pictures";

/** A key is given out a moment before its transaction is registered. */
const registrationMs = 1_000;

export const versionSetting = "schemaVersion";

export interface Starts {
  /** Ids of the routes that began. */
  readonly started: ReadonlySet<string>;
  /** The version that the picture has now. */
  readonly version: number;
}

/**
 * Starts every route that has not been started with its present definition, and those of `again`; forgets the routes that
 * are no longer followed or had to stop. A route whose table cannot be read is left out when `onRouteError` returns.
 */
export async function startRoutes(
  context: Context,
  picture: Picture,
  again: ReadonlyMap<string, WideningReason>,
  onRouteError: (route: string, error: unknown) => void,
): Promise<Starts> {
  const { source, store } = context;
  const known = await store.startedRoutes();
  for (const id of known.keys()) if (!picture.plans.has(id)) await store.forgetRoute(id);
  const due = [...picture.plans.values()].filter(
    (plan) => again.has(plan.id) || known.get(plan.id) !== fingerprint(plan),
  );
  if (due.length === 0) return { started: new Set(), version: picture.version };
  const version = await store.raiseCounter(versionSetting);
  const tails = new Map<string, Tail>();
  const fresh: RoutePlan[] = [];
  for (const plan of due) {
    try {
      if (plan.source.autoIncrementKey !== undefined) tails.set(plan.id, await startTail(plan, source));
      fresh.push(plan);
    } catch (error) {
      onRouteError(plan.id, error);
    }
  }
  if (tails.size > 0) await sleep(registrationMs);
  const { transactions } = await readOpenTransactions(source);
  for (const plan of fresh) await start(context, plan, tails.get(plan.id), transactions, again.get(plan.id));
  return { started: new Set(fresh.map(({ id }) => id)), version };
}

async function start(
  context: Context,
  plan: RoutePlan,
  tail: Tail | undefined,
  open: readonly OpenTransaction[],
  reason: WideningReason | undefined,
): Promise<void> {
  const { store } = context;
  await locked(context, plan, async () => {
    // Another worker was faster.
    if (reason === undefined && (await store.startedRoutes()).get(plan.id) === fingerprint(plan)) return;
    if (tail !== undefined) await store.setTail(plan.id, formatTail(tail));
    await store.requestCompare(plan.id, reason ?? "backfill");
    const touches = [{ kind: "all", table: plan.source.name, reason: "backfill" }] as const;
    await store.pending.add(open.map((transaction) => ({ ...transaction, touches })));
    await store.setStarted(plan.id, fingerprint(plan));
  });
}

/** Of everything that touches and refreshes depend on in the definitions of both sides. */
function fingerprint({ source, target, columns, filter }: RoutePlan): string {
  const pairs = columns.map((column) => [column.source.name, column.target.name]);
  const sides = [source, target].map((table) => [
    table.name,
    table.columns,
    table.key,
    table.uniqueKeys,
    table.partialUniqueKeys,
  ]);
  return createHash("sha256")
    .update(JSON.stringify([sides, pairs, filter]))
    .digest("base64");
}
