import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { SyncError } from "../errors";
import type { Session } from "../sql/connection";
import { text } from "../sql/text";

/** A read-write transaction that is open at the source. */
export interface OpenTransaction {
  /** `"0"`: no connection (prepared XA). */
  readonly connectionId: string;
  readonly transactionId: bigint;
}

/** Read-only transactions have no id of their own: MariaDB shows 0, MySQL an address above 2^48. They wrote nothing. */
const firstPseudoId = 1n << 48n;

/**
 * InnoDB caches `innodb_trx`, and renews the cache only when nobody has read it for this long (CACHE_MIN_IDLE_TIME,
 * storage/innobase/trx/trx0i_s.cc). A reader that comes more often keeps it stale for ever, so age proves nothing.
 */
const cacheIdleMs = 110;
const attempts = 30;
/** Name of the advisory lock under which the functions take turns; a name each server shares. */
const turnLock = "audit_sync.innodb_trx";

/**
 * The read-write transactions that are open at the source, seen at a moment after this call began.
 *
 * The session opens a transaction of its own and marks each query with a fresh token. The view shows what every
 * transaction's connection runs at the moment of the view, so a view that shows our token was taken after the query
 * began. Functions take turns under an advisory lock: whoever waits for it is also in the view that another one takes
 * meanwhile, and uses that.
 *
 * @throws {SyncError} TRANSACTIONS_UNREADABLE when the view stays stale: something else reads it all the time.
 */
export async function readOpenTransactions(source: Session): Promise<readonly OpenTransaction[]> {
  const token = randomUUID();
  const view = `SELECT /* ${token} */ trx_mysql_thread_id, trx_id, COALESCE(trx_query, '') LIKE ${text(`%${token}%`)}
    FROM information_schema.innodb_trx`;
  await source.run("START TRANSACTION WITH CONSISTENT SNAPSHOT", "reading open transactions");
  try {
    await source.rows(`SELECT /* ${token} */ GET_LOCK(${text(turnLock)}, 60)`, "waiting to read open transactions");
    try {
      for (let attempt = 0; attempt < attempts; attempt++) {
        const rows = await source.rows(view, "reading open transactions");
        if (rows.some(([, , own]) => own?.toString() === "1")) return rows.flatMap(toOpenTransaction);
        // A random part, so that two pollers of the view do not stay in step.
        await sleep(cacheIdleMs * (1 + Math.random() * (attempt % 8)));
      }
    } finally {
      await source.run(`DO RELEASE_LOCK(${text(turnLock)})`, "reading open transactions");
    }
  } finally {
    await source.run("COMMIT", "reading open transactions");
  }
  throw new SyncError(
    "TRANSACTIONS_UNREADABLE",
    "information_schema.innodb_trx stays stale: something reads it more than nine times a second; stop or slow it down",
  );
}

function toOpenTransaction([connection, id]: readonly (Buffer | null)[]): OpenTransaction[] {
  const transactionId = BigInt(id?.toString() ?? "0");
  if (transactionId === 0n || transactionId >= firstPseudoId) return [];
  return [{ connectionId: connection?.toString() ?? "0", transactionId }];
}
