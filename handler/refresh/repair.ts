/** Refreshes the rows that a verification found to differ. */
import type { RoutePlan } from "../routes/plan";
import type { Job } from "../state/store";
import { refreshing, type Context } from "./locked";
import type { Progress } from "./verify";

/** Rows of one slice. */
const sliceRows = 500;

/** A refreshed row leaves the differences; one that the target refuses stays there and is set aside as well. */
export async function repairSlice(context: Context, plan: RoutePlan, job: Job): Promise<Progress> {
  const { store, paces } = context;
  return await refreshing(context, plan, async (refresh) => {
    const current = await store.job(job.id);
    if (current === undefined) return "done";
    const rows = await store.differences.confirmed(plan.id, positionOf(current), paces.of(plan).rows(sliceRows));
    const last = rows.at(-1);
    if (last === undefined) {
      await store.advanceJob(current, undefined, 0);
      await store.differences.unwatch(plan.id);
      return "done";
    }
    await refresh(rows.map(({ key }) => key));
    await store.moveJob(current.id, [last.digest], rows.length);
    return "goes-on";
  });
}

/** Digest of the last row that was repaired. */
function positionOf(job: Job): string | undefined {
  return job.position?.[0] ?? undefined;
}
