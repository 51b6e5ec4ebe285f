import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { SyncError } from "../errors";
import type { Session } from "../sql/connection";
import { text } from "../sql/text";

/** A read-write transaction that is open at the source. */
export interface OpenTransaction {
  /** `"0"`: no connection (prepared XA, or what is rolled back after a crash). */
  readonly connectionId: string;
  readonly transactionId: bigint;
}

export interface OpenTransactions {
  readonly transactions: readonly OpenTransaction[];
  /** When the view was taken or a moment before, in milliseconds since the epoch by the source's clock. */
  readonly seenAtMs: number;
}

/** Read-only transactions have no id of their own: MariaDB shows 0, MySQL an address above 2^48. They wrote nothing. */
const firstPseudoId = 1n << 48n;

/**
 * InnoDB caches `innodb_trx`, and renews the cache only when nobody has read it for this long (CACHE_MIN_IDLE_TIME,
 * storage/innobase/trx/trx0i_s.cc). A reader that comes more often keeps it stale for ever, so age proves nothing.
 */
const cacheIdleMs = 110;
const attempts = 30;
/** When a session read the view, on the clock of `performance.now`: read again too soon, it would only stay stale. */
const lastReadMs = new WeakMap<Session, number>();
/** Name of the advisory lock under which the functions take turns; a name each server shares. */
const turnLock = "audit_sync.innodb_trx";

/** Aurora's readers have the first, replicas and a writer that is being replaced the second. */
const isReader = "(@@global.innodb_read_only OR CONCAT(@@global.read_only) NOT IN ('0', 'OFF'))";

/** @throws {SyncError} SOURCE_NOT_WRITER. */
export async function refuseReader(source: Session): Promise<void> {
  const rows = await source.rows(`SELECT ${isReader}`, "asking whether the source is the writer");
  if (rows[0]?.[0]?.toString() !== "0") throw notWriter();
}

function notWriter(): SyncError {
  return new SyncError("SOURCE_NOT_WRITER", "the source is a reader or read only; name the cluster's writer endpoint");
}

/**
 * The read-write transactions that are open at the source, seen at a moment after this call began.
 *
 * The session opens a transaction of its own and marks each query with a fresh token. The view shows what every
 * transaction's connection runs at the moment of the view, so a view that shows our token was taken after the query
 * began. Functions take turns under an advisory lock: whoever waits for it is also in the view that another one takes
 * meanwhile, and uses that.
 *
 * @throws {SyncError} TRANSACTIONS_UNREADABLE when the view stays stale: something else reads it all the time;
 *   SOURCE_NOT_WRITER when the session leads to a reader, whose rows may be older than a settled statement.
 */
export async function readOpenTransactions(source: Session): Promise<OpenTransactions> {
  const token = randomUUID();
  const view = `SELECT /* ${token} */ trx_mysql_thread_id, trx_id, COALESCE(trx_query, '') LIKE ${text(`%${token}%`)}
    FROM information_schema.innodb_trx`;
  await source.run("START TRANSACTION WITH CONSISTENT SNAPSHOT", "reading open transactions");
  try {
    // NOW is the time at which this statement began, SYSDATE would be the end of the wait.
    const turn = await source.rows(
      `SELECT /* ${token} */ UNIX_TIMESTAMP(NOW(6)), ${isReader}, GET_LOCK(${text(turnLock)}, 60)`,
      "waiting to read open transactions",
    );
    try {
      const [seenAt, reader] = turn[0] ?? [];
      if (reader?.toString() !== "0") throw notWriter();
      const seenAtMs = Math.floor(Number(seenAt?.toString()) * 1_000);
      const idleAtMs = (lastReadMs.get(source) ?? -Infinity) + cacheIdleMs;
      await sleep(Math.max(0, idleAtMs - performance.now()));
      for (let attempt = 0; attempt < attempts; attempt++) {
        const rows = await source.rows(view, "reading open transactions");
        lastReadMs.set(source, performance.now());
        if (rows.some(([, , own]) => own?.toString() === "1")) {
          return { transactions: rows.flatMap(toOpenTransaction), seenAtMs };
        }
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
