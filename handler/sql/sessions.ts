import type { ConnectionOptions } from "mysql2";
import type { SqlText } from "./text";
import { Session } from "./connection";

const common: readonly SqlText[] = [
  // Literals of predicates compare as the application's did; values carry an introducer of their own.
  "SET character_set_connection = utf8mb4, time_zone = '+00:00', foreign_key_checks = 0",
];

/** Seconds that a write at the target waits for a row lock before the batch is retried. */
const lockWaitSeconds = 20;

/** MariaDB turns IN lists of 1,000 and more values into a subquery, which reads the whole table instead of the keys. */
const keepInLists = " /*M!100300 , in_predicate_conversion_threshold = 0 */";

const sourceSettings: readonly SqlText[] = [
  ...common,
  // The level at which START TRANSACTION WITH CONSISTENT SNAPSHOT is what it says.
  "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
  // Seconds that the server waits for us while the target writes.
  `SET sql_mode = '', net_write_timeout = 600${keepInLists} /*!80000 , information_schema_stats_expiry = 0 */`,
];

/** A value which does not fit is refused instead of changed; zero and odd dates are values like others. */
export const strictMode: SqlText =
  "SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO,STRICT_ALL_TABLES,ALLOW_INVALID_DATES,NO_ENGINE_SUBSTITUTION'";

const targetSettings: readonly SqlText[] = [
  ...common,
  // What is read after the route's lock was waited for must be newer than the wait; and no gaps are locked.
  "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
  strictMode,
  `SET innodb_lock_wait_timeout = ${lockWaitSeconds}${keepInLists}`,
];

export interface Databases {
  /** The source's writer. */
  readonly source: () => Promise<Session>;
  readonly target: () => Promise<Session>;
  close(): Promise<void>;
}

/**
 * The sessions of one function instance: opened on first use, kept warm between invocations, and opened again after they
 * broke. `options` is asked at every opening, because passwords and tokens change.
 */
export function openDatabases(options: {
  source: () => Promise<ConnectionOptions>;
  target: () => Promise<ConnectionOptions>;
}): Databases {
  const source = lazySession("source", options.source, sourceSettings);
  const target = lazySession("target", options.target, targetSettings);
  return {
    source: source.get,
    target: target.get,
    close: async () => {
      await source.close();
      await target.close();
    },
  };
}

function lazySession(
  role: string,
  options: () => Promise<ConnectionOptions>,
  settings: readonly SqlText[],
): { get: () => Promise<Session>; close: () => Promise<void> } {
  let session: Session | undefined;
  return {
    get: async () => {
      if (session === undefined || session.broken) session = await Session.open(role, await options(), settings);
      return session;
    },
    close: async () => {
      await session?.close();
      session = undefined;
    },
  };
}
