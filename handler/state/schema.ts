import { SyncError } from "../errors";
import type { Session } from "../sql/connection";
import { identifier, text, type SqlText } from "../sql/text";
import { integer } from "./json";

/**
 * The sync's own tables at the target. What they hold speaks of rows of the same server, so it changes in the same
 * transaction as those rows.
 */
const tables: Readonly<Record<string, SqlText>> = {
  /**
   * One row for each route: who holds it may find keys, read the source and write the target. `watched`: there are
   * `differences` of the route, from which every refreshed row is removed.
   */
  locks: `name VARCHAR(190) NOT NULL PRIMARY KEY, watched TINYINT NOT NULL DEFAULT 0`,
  /** Touches of statements whose transaction was open when they were read. */
  pending: `id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    connection_id BIGINT UNSIGNED NOT NULL, transaction_id BIGINT UNSIGNED NOT NULL,
    touches LONGTEXT NOT NULL, created_at DATETIME(3) NOT NULL, KEY transaction_id (transaction_id)`,
  /** Refreshes that go on in slices: whole tables, large predicates, cascades, what time ran out for. */
  jobs: `id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, route VARCHAR(190) NOT NULL, kind VARCHAR(16) NOT NULL,
    reason VARCHAR(32) NOT NULL, work LONGTEXT NOT NULL, position LONGTEXT, again TINYINT NOT NULL DEFAULT 0,
    rows_done BIGINT UNSIGNED NOT NULL DEFAULT 0, rows_total BIGINT UNSIGNED, created_at DATETIME(3) NOT NULL,
    updated_at DATETIME(3) NOT NULL, KEY route (route)`,
  /** How far each route's AUTO_INCREMENT keys have been copied. */
  tails: `route VARCHAR(190) NOT NULL PRIMARY KEY, state LONGTEXT NOT NULL`,
  /** What was set aside, with the reason and everything that is needed to try again. */
  dead: `id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, kind VARCHAR(16) NOT NULL, route VARCHAR(190),
    code VARCHAR(64) NOT NULL, reason TEXT NOT NULL, work LONGTEXT, payload LONGBLOB, sequence_number VARCHAR(128),
    attempts INT UNSIGNED NOT NULL DEFAULT 1, digest BINARY(32) NOT NULL, created_at DATETIME(3) NOT NULL,
    updated_at DATETIME(3) NOT NULL, UNIQUE KEY digest (digest)`,
  /** Rows that a verification saw to differ; `confirmed_at`: no touch in flight explained it. See refresh/verify.ts. */
  differences: `route VARCHAR(190) NOT NULL, digest BINARY(32) NOT NULL, key_sql LONGTEXT NOT NULL,
    target_digest CHAR(32), range_from LONGTEXT, range_to LONGTEXT, kind VARCHAR(16), round INT UNSIGNED NOT NULL,
    looked_at DATETIME(3) NOT NULL, confirmed_at DATETIME(3), PRIMARY KEY (route, digest)`,
  /** Single values: the schema version that workers compare, the heartbeat. */
  settings: `name VARCHAR(200) NOT NULL PRIMARY KEY, value LONGTEXT NOT NULL`,
};

export type StateTable = "locks" | "pending" | "jobs" | "tails" | "dead" | "differences" | "settings";

/** A route's lock, held until the transaction ends. */
export interface RouteLock {
  /** Rows that are refreshed are to be removed from the route's differences. */
  readonly watched: boolean;
}

/** The state at one target: where its tables are, for every statement that names them. */
export class StateSchema {
  readonly database: string;

  constructor(database: string) {
    this.database = database;
  }

  table(name: StateTable): SqlText {
    return `${identifier(this.database)}.${identifier(name)}`;
  }

  /** Creates what is missing. Names compare byte by byte, so that two routes never share a row. */
  async ensure(target: Session): Promise<void> {
    const present = await target.rows(
      `SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = ${text(this.database)}
       AND TABLE_NAME IN (${Object.keys(tables).map(text).join(", ")})`,
      "looking for the sync's own tables",
    );
    if (Number(present[0]?.[0]?.toString()) === Object.keys(tables).length) return;
    await target.run(`CREATE DATABASE IF NOT EXISTS ${identifier(this.database)}`, "creating the state database");
    for (const [name, columns] of Object.entries(tables)) {
      await target.run(
        `CREATE TABLE IF NOT EXISTS ${this.table(name as StateTable)} (${columns})
         ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`,
        `creating ${this.database}.${name}`,
      );
    }
  }

  /** Waits for the route's lock; it is held until the transaction ends. Call inside a transaction. */
  async lock(target: Session, route: string): Promise<RouteLock> {
    const take = `SELECT watched FROM ${this.table("locks")} WHERE name = ${text(route)} FOR UPDATE`;
    let rows = await target.rows(take, "locking a route");
    if (rows.length === 0) {
      await target.run(`INSERT IGNORE INTO ${this.table("locks")} (name) VALUES (${text(route)})`, "locking a route");
      rows = await target.rows(take, "locking a route");
    }
    if (rows.length === 0) {
      throw new SyncError("LOCK_CONFLICT", `the lock of route ${route} was removed while it was taken`);
    }
    return { watched: integer(rows[0]?.[0]) === 1 };
  }
}
