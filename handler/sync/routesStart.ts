/** Routes begin with a backfill while their records already flow, and again after they had to stop. */
import { setTimeout as sleep } from "node:timers/promises";
import type { RoutePlan, StoppedRoute } from "../routes/plan";
import { locked, type Context } from "../refresh/execute";
import { formatTail, highestKey } from "../refresh/tail";
import { readOpenTransactions } from "../source/openTransactions";
import type { Picture } from "./pictures";

/** A key is given out a moment before its transaction is registered. */
const registrationMs = 1_000;

const settingName = (id: string): string => `route:${id}`;

/** Starts every route that has not been started, and forgets the start of those that had to stop. */
export async function startRoutes(context: Context, picture: Picture): Promise<void> {
  for (const { id } of picture.stopped) await forgetStart(context, { id });
  const fresh: RoutePlan[] = [];
  for (const plan of picture.plans.values()) {
    if ((await context.store.setting(settingName(plan.id))) === undefined) fresh.push(plan);
  }
  if (fresh.length === 0) return;
  const highest = new Map<string, bigint>();
  for (const plan of fresh) {
    if (plan.source.autoIncrementKey !== undefined) highest.set(plan.id, await highestKey(plan, context.source));
  }
  await sleep(registrationMs);
  // Rows of these transactions appear below the highest key after the backfill may have passed.
  const open = await readOpenTransactions(context.source);
  for (const plan of fresh) {
    await locked(context, plan, async () => {
      const { store } = context;
      const high = highest.get(plan.id);
      if (high !== undefined) await store.setTail(plan.id, formatTail({ high, gaps: [], samples: [] }));
      await store.requestCompare(plan.id, "backfill");
      const touches = [{ kind: "all", table: plan.source.name, reason: "backfill" }] as const;
      await store.addPending(open.map((transaction) => ({ ...transaction, touches })));
      await store.setSetting(settingName(plan.id), { startedAt: new Date().toISOString() });
    });
  }
}

/** The route's next start compares everything, so nothing that arrives meanwhile needs to be kept. */
export async function forgetStart(context: Context, { id }: Pick<StoppedRoute, "id">): Promise<void> {
  await context.store.removeSetting(settingName(id));
}
