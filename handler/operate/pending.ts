import { tableKey } from "../source/catalog";
import type { ListedPending } from "../state/pending";
import type { Desk } from "../sync/worker";

export interface PendingReport {
  readonly transactions: readonly WaitingTransaction[];
  /** Entries that were not looked at. */
  readonly more: number;
}

/** A transaction of the source that has been open for long enough to be met, and what waits for its end. */
export interface WaitingTransaction {
  /** `0`: a prepared XA transaction, which has no connection. */
  readonly connectionId: string;
  readonly transactionId: string;
  readonly ageSeconds: number;
  readonly touches: number;
  readonly tables: readonly string[];
}

export async function listPending({ context: { store } }: Desk, limit: number): Promise<PendingReport> {
  const entries = await store.pending.list(limit);
  const { pending } = await store.outstanding();
  const byTransaction = new Map<string, ListedPending[]>();
  for (const entry of entries) {
    const key = `${entry.connectionId} ${entry.transactionId}`;
    byTransaction.set(key, [...(byTransaction.get(key) ?? []), entry]);
  }
  return {
    transactions: [...byTransaction.values()].flatMap(transactionOf),
    more: Math.max(0, pending.count - entries.length),
  };
}

function transactionOf(entries: readonly ListedPending[]): WaitingTransaction[] {
  const [oldest] = entries;
  if (oldest === undefined) return [];
  const touches = entries.flatMap((entry) => entry.touches);
  return [
    {
      connectionId: oldest.connectionId,
      transactionId: String(oldest.transactionId),
      ageSeconds: oldest.ageSeconds,
      touches: touches.length,
      tables: [...new Set(touches.map(({ table }) => tableKey(table)))].sort(),
    },
  ];
}
