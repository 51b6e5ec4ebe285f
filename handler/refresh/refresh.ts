/**
 * The one primitive: make the target's rows of some keys equal to the source's. Idempotent, and indifferent to order.
 */
import { SyncError } from "../errors";
import type { RoutePlan } from "../routes/plan";
import type { Session } from "../sql/connection";
import { keyOfRow, type KeyText } from "./keys";
import { copyRows, deleteAbsent, type Refreshed } from "./rows";
import { refreshUnique, uniqueKeysOf } from "./uniqueKeys";

/**
 * Refreshes the rows of `keys` in the current transaction of `target`, which holds the route's lock.
 *
 * @throws {SyncError} ROW_REFUSED when the target refuses one of the rows; the transaction must be rolled back then.
 */
export async function refreshKeys(
  plan: RoutePlan,
  source: Session,
  target: Session,
  keys: readonly KeyText[],
): Promise<Refreshed> {
  if (keys.length === 0) return { written: 0, deleted: 0, bytes: 0, keys: [] };
  const uniques = uniqueKeysOf(plan);
  if (uniques.known.length > 0 || uniques.opaque) return await refreshUnique(plan, uniques, { source, target }, keys);
  // Without other unique keys an upsert can only meet the row of its own key.
  const present: KeyText[] = [];
  const bytes = await copyRows(plan, { source, target }, keys, "upsert", (row) => present.push(keyOfRow(plan, row)));
  return { written: present.length, deleted: await deleteAbsent(plan, target, keys, present), bytes, keys: present };
}

/** What a row that the target refuses is called in messages: the route and the reason, never the row. */
export function isRefused(error: unknown): error is SyncError {
  return error instanceof SyncError && error.kind === "poison";
}
