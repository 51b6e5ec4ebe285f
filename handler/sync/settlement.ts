/** Which touches may be refreshed now: those whose transactions are over. The others wait in the state tables. */
import type { Context } from "../refresh/locked";
import { readOpenTransactions, type OpenTransaction, type OpenTransactions } from "../source/openTransactions";
import type { WaitingTouches } from "../state/pending";
import type { Touch } from "../touch/touch";
import type { Part } from "./part";

export type RefreshTouches = (touches: readonly Touch[], open: OpenTransactions) => Promise<void>;

/** Of one invocation, which sees the open transactions once, after all of its records were received. */
export class Settlement {
  readonly #context: Context;
  /** Transactions that touches waited for before the view was taken: what is not in it, is over. */
  readonly #awaited: readonly bigint[];
  #open: OpenTransactions | undefined;

  private constructor(context: Context, awaited: readonly bigint[]) {
    this.#context = context;
    this.#awaited = awaited;
  }

  static async begin(context: Context): Promise<Settlement> {
    return new Settlement(context, await context.store.pending.transactions());
  }

  /** Refreshes the settled touches of a part and keeps the others. */
  async apply(touches: Part["touches"], refresh: RefreshTouches): Promise<void> {
    if (touches.size === 0) return;
    const open = await this.#view();
    const { settled, unsettled } = split(touches, open.transactions);
    if (settled.length > 0) await refresh(settled, open);
    if (unsettled.length > 0) {
      const { store, target } = this.#context;
      await target.transaction(async () => {
        await store.pending.add(unsettled);
      });
    }
  }

  /** Refreshes what waited for transactions that are over. A long one leaves much: some now, the rest until `untilMs`. */
  async applyWaiting(untilMs: number, refresh: RefreshTouches): Promise<void> {
    if (this.#awaited.length === 0) return;
    const open = await this.#view();
    // An id alone: a prepared XA transaction leaves its connection.
    const over = this.#awaited.filter((id) => !open.transactions.some(({ transactionId }) => transactionId === id));
    const { pending } = this.#context.store;
    do {
      const waited = await pending.load(over);
      if (waited.length === 0) return;
      const touches = waited.flatMap((entry) => entry.touches);
      await refresh(touches, open);
      await pending.remove(waited.map(({ id }) => id));
    } while (Date.now() < untilMs);
  }

  async #view(): Promise<OpenTransactions> {
    this.#open ??= await readOpenTransactions(this.#context.source);
    return this.#open;
  }
}

/**
 * A prepared XA transaction has no connection and may hold what any statement wrote, and so may any open transaction when
 * a line does not tell its connection: such touches are refreshed now and once more when that transaction is over.
 */
function split(
  touches: ReadonlyMap<string | undefined, readonly Touch[]>,
  open: readonly OpenTransaction[],
): { settled: readonly Touch[]; unsettled: readonly WaitingTouches[] } {
  const settled: Touch[] = [];
  const unsettled: WaitingTouches[] = [];
  for (const [connectionId, group] of touches) {
    const own = open.filter((transaction) => transaction.connectionId === connectionId);
    const suspects = open.filter((transaction) => transaction.connectionId === "0" || connectionId === undefined);
    if (own.length === 0) for (const touch of group) settled.push(touch);
    for (const transaction of new Set([...own, ...suspects])) unsettled.push({ ...transaction, touches: group });
  }
  return { settled, unsettled };
}

/** Works on each part while the next one is read: one at a time, in their order. The first failure ends it. */
export async function applyMeanwhile(
  read: (isAwaited: () => boolean) => AsyncIterable<Part>,
  apply: (part: Part) => Promise<void>,
): Promise<void> {
  let busy = false;
  let applied = Promise.resolve();
  try {
    for await (const part of read(() => !busy)) {
      await applied;
      busy = true;
      applied = apply(part).finally(() => {
        busy = false;
      });
      // It is awaited, but not before the next part has been read: nobody would have heard of a failure until then.
      applied.catch(() => undefined);
    }
  } finally {
    // Whatever failed, no work may go on when the invocation is over.
    await applied;
  }
}
