/** Refreshes the rows that a verification found to differ. */
import type { RoutePlan } from "../routes/plan";
import type { Job } from "../state/store";
import { locked, refreshKeyTexts, refreshLocked, type Context } from "./execute";
import type { KeyText } from "./keys";
import { isRefused } from "./refresh";
import type { Progress } from "./verify";

/** Rows of one slice. */
const sliceRows = 500;

/** A refreshed row leaves the differences; one that the target refuses stays there and is set aside as well. */
export async function repairSlice(context: Context, plan: RoutePlan, job: Job): Promise<Progress> {
  try {
    return await refreshTogether(context, plan, job);
  } catch (error) {
    if (!isRefused(error)) throw error;
    return await refreshApart(context, plan, job);
  }
}

async function refreshTogether(context: Context, plan: RoutePlan, job: Job): Promise<Progress> {
  const { store } = context;
  return await locked(context, plan, async (lock) => {
    const current = await store.job(job.id);
    if (current === undefined) return "done";
    const rows = await store.differences.confirmed(plan.id, positionOf(current), sliceRows);
    const last = rows.at(-1);
    if (last === undefined) {
      await store.advanceJob(current, undefined, 0);
      await store.differences.unwatch(plan.id);
      return "done";
    }
    await refreshLocked(context, plan, lock, keysOf(rows));
    await store.moveJob(current.id, [last.digest], rows.length);
    return "goes-on";
  });
}

/** Row by row, and the position afterwards: a crash between the two repeats the slice instead of skipping it. */
async function refreshApart(context: Context, plan: RoutePlan, job: Job): Promise<Progress> {
  const { store } = context;
  const current = await store.job(job.id);
  if (current === undefined) return "done";
  const rows = await store.differences.confirmed(plan.id, positionOf(current), sliceRows);
  await refreshKeyTexts(context, plan, keysOf(rows));
  const last = rows.at(-1);
  if (last !== undefined) await store.moveJob(current.id, [last.digest], rows.length);
  return "goes-on";
}

function keysOf(rows: readonly { readonly key: KeyText }[]): readonly KeyText[] {
  return rows.map(({ key }) => key);
}

/** Digest of the last row that was repaired. */
function positionOf(job: Job): string | undefined {
  return job.position?.[0] ?? undefined;
}
