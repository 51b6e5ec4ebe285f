/** Reading and writing the state tables. Nothing here commits: the caller's transaction does. */
import { SyncError } from "../errors";
import type { Session } from "../sql/connection";
import { text, type SqlText } from "../sql/text";
import type { Touch, WideningReason } from "../touch/touch";
import { Dead } from "./dead";
import { Differences } from "./differences";
import { integer, parseState, string } from "./json";
import type { StateSchema } from "./schema";

const now = "UTC_TIMESTAMP(3)";

/** A touch that waits for a transaction of the source to end. */
export interface PendingTouches {
  readonly id: string;
  readonly connectionId: string;
  readonly transactionId: bigint;
}

export interface ListedPending {
  readonly connectionId: string;
  readonly transactionId: bigint;
  readonly touches: readonly Touch[];
  readonly ageSeconds: number;
}

/**
 * `compare`: the whole table by checksum, refreshing what differs. `where`: one predicate that selects many rows.
 * `verify`: the whole table by checksum, changing nothing. `repair`: refreshes what a verification found.
 */
export const jobKinds = ["compare", "where", "verify", "repair"] as const;
export type JobKind = (typeof jobKinds)[number];

export interface Job {
  readonly id: string;
  readonly route: string;
  readonly kind: JobKind;
  readonly reason: WideningReason | "verify";
  readonly work: unknown;
  /** Key up to which the work is done, as base64 bytes. */
  readonly position: readonly (string | null)[] | undefined;
  /** Asked for again while in progress: starts over when it reaches the end. */
  readonly again: boolean;
  readonly rowsDone: number;
  /** An estimate; `undefined`: not known yet. */
  readonly rowsTotal: number | undefined;
  readonly ageSeconds: number;
}

/** What is outstanding at a target. */
export interface Outstanding {
  readonly jobs: number;
  readonly dead: number;
  /** Rows that the last verification found to differ. */
  readonly drift: number;
  readonly pending: { readonly count: number; readonly ageSeconds: number; readonly connectionId: string | undefined };
}

export class Store {
  readonly schema: StateSchema;
  readonly differences: Differences;
  readonly dead: Dead;
  readonly #target: Session;

  constructor(schema: StateSchema, target: Session) {
    this.schema = schema;
    this.differences = new Differences(schema, target);
    this.dead = new Dead(schema, target);
    this.#target = target;
  }

  async pendingTouches(): Promise<readonly PendingTouches[]> {
    const rows = await this.#target.rows(
      `SELECT id, connection_id, transaction_id FROM ${this.schema.table("pending")} ORDER BY id`,
      "reading pending touches",
    );
    return rows.map(([id, connection, transaction]) => ({
      id: string(id),
      connectionId: string(connection),
      transactionId: BigInt(string(transaction)),
    }));
  }

  /** The oldest entries, for a person. */
  async listPending(limit: number): Promise<readonly ListedPending[]> {
    const rows = await this.#target.rows(
      `SELECT connection_id, transaction_id, touches, TIMESTAMPDIFF(SECOND, created_at, ${now})
       FROM ${this.schema.table("pending")} ORDER BY id LIMIT ${limit}`,
      "listing pending touches",
    );
    return rows.map(([connection, transaction, touches, age]) => ({
      connectionId: string(connection),
      transactionId: BigInt(string(transaction)),
      touches: parseState(touches, "a pending touch") as Touch[],
      ageSeconds: integer(age),
    }));
  }

  async loadPending(ids: readonly string[]): Promise<readonly Touch[]> {
    const rows = await this.#target.rows(
      `SELECT touches FROM ${this.schema.table("pending")} WHERE id IN (${ids.join(", ")})`,
      "reading pending touches",
    );
    return rows.flatMap(([touches]) => parseState(touches, "a pending touch") as Touch[]);
  }

  async addPending(entries: readonly (Omit<PendingTouches, "id"> & { touches: readonly Touch[] })[]): Promise<void> {
    for (const { connectionId, transactionId, touches } of entries) {
      await this.#target.run(
        `INSERT INTO ${this.schema.table("pending")} (connection_id, transaction_id, touches, created_at)
         VALUES (${BigInt(connectionId)}, ${transactionId}, ${text(JSON.stringify(touches))}, ${now})`,
        "storing pending touches",
      );
    }
  }

  async removePending(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    await this.#target.run(
      `DELETE FROM ${this.schema.table("pending")} WHERE id IN (${ids.join(", ")})`,
      "removing pending touches",
    );
  }

  /** Everything outstanding in one read: every batch asks. The connection is the one of the oldest pending touch. */
  async outstanding(): Promise<Outstanding> {
    const table = this.schema.table.bind(this.schema);
    const rows = await this.#target.rows(
      `SELECT (SELECT COUNT(*) FROM ${table("jobs")}), (SELECT COUNT(*) FROM ${table("dead")}),
         (SELECT COUNT(*) FROM ${table("differences")} WHERE confirmed_at IS NOT NULL),
         COUNT(*), COALESCE(TIMESTAMPDIFF(SECOND, MIN(created_at), ${now}), 0),
         (SELECT connection_id FROM ${table("pending")} ORDER BY id LIMIT 1)
       FROM ${table("pending")}`,
      "counting what is outstanding",
    );
    const [jobs, dead, drift, count, ageSeconds, connection] = rows[0] ?? [];
    return {
      jobs: integer(jobs),
      dead: integer(dead),
      drift: integer(drift),
      pending: {
        count: integer(count),
        ageSeconds: integer(ageSeconds),
        connectionId: connection === null || connection === undefined ? undefined : string(connection),
      },
    };
  }

  /** The one that has waited longest for a slice comes first. */
  async jobs(): Promise<readonly Job[]> {
    return await this.#readJobs("TRUE");
  }

  async #readJobs(condition: SqlText): Promise<readonly Job[]> {
    const rows = await this.#target.rows(
      `SELECT id, route, kind, reason, work, position, again, rows_done, rows_total,
         TIMESTAMPDIFF(SECOND, created_at, ${now})
       FROM ${this.schema.table("jobs")} WHERE ${condition} ORDER BY updated_at, id`,
      "reading jobs",
    );
    return rows.map(([id, route, kind, reason, work, position, again, done, total, age]) => ({
      id: string(id),
      route: string(route),
      kind: jobKind(string(kind)),
      reason: string(reason) as Job["reason"],
      work: parseState(work, "a job"),
      position:
        position === null || position === undefined
          ? undefined
          : (parseState(position, "a job's position") as (string | null)[]),
      again: integer(again) === 1,
      rowsDone: integer(done),
      rowsTotal: total === null || total === undefined ? undefined : integer(total),
      ageSeconds: integer(age),
    }));
  }

  /** The whole table once from now on: a job in progress is asked to run again. Hold the route's lock. */
  async requestCompare(route: string, reason: WideningReason): Promise<void> {
    const { affectedRows } = await this.#target.run(
      `UPDATE ${this.schema.table("jobs")} SET again = position IS NOT NULL OR again, updated_at = ${now}
       WHERE route = ${text(route)} AND kind = 'compare'`,
      "asking for a comparison",
    );
    if (affectedRows === 0) await this.addJob(route, "compare", reason, {});
  }

  /** A job of which one at a time is enough for each route. Returns false when there is one already. */
  async requestOnce(route: string, kind: "verify" | "repair", work: unknown): Promise<boolean> {
    const rows = await this.#target.rows(
      `SELECT id FROM ${this.schema.table("jobs")} WHERE route = ${text(route)} AND kind = ${text(kind)} LIMIT 1`,
      "looking for a job",
    );
    if (rows.length > 0) return false;
    await this.addJob(route, kind, kind, work);
    return true;
  }

  async addJob(route: string, kind: JobKind, reason: Job["reason"], work: unknown): Promise<void> {
    await this.#target.run(
      `INSERT INTO ${this.schema.table("jobs")} (route, kind, reason, work, created_at, updated_at)
       VALUES (${text(route)}, ${text(kind)}, ${text(reason)}, ${text(JSON.stringify(work))}, ${now}, ${now})`,
      "adding a job",
    );
  }

  /** Re-reads one job under the route's lock; `undefined` when another worker has ended it. */
  async job(id: string): Promise<Job | undefined> {
    return (await this.#readJobs(`id = ${BigInt(id)}`))[0];
  }

  /** Whether work that follows from records is still to be done as a job. */
  async hasRefreshJobs(route: string): Promise<boolean> {
    const rows = await this.#target.rows(
      `SELECT id FROM ${this.schema.table("jobs")} WHERE route = ${text(route)} AND kind IN ('compare', 'where') LIMIT 1`,
      "looking for a job",
    );
    return rows.length > 0;
  }

  async setTotal(id: string, rows: number): Promise<void> {
    await this.#target.run(
      `UPDATE ${this.schema.table("jobs")} SET rows_total = ${rows} WHERE id = ${BigInt(id)}`,
      "estimating a job",
    );
  }

  async setWork(id: string, work: unknown): Promise<void> {
    await this.#target.run(
      `UPDATE ${this.schema.table("jobs")} SET work = ${text(JSON.stringify(work))}, updated_at = ${now}
       WHERE id = ${BigInt(id)}`,
      "advancing a job",
    );
  }

  async advanceJob(job: Job, position: readonly (string | null)[] | undefined, rows: number): Promise<void> {
    const table = this.schema.table("jobs");
    if (position !== undefined) {
      await this.moveJob(job.id, position, rows);
    } else if (job.again) {
      await this.#target.run(
        `UPDATE ${table} SET position = NULL, again = 0, rows_done = 0, updated_at = ${now} WHERE id = ${job.id}`,
        "starting a job again",
      );
    } else {
      await this.#target.run(`DELETE FROM ${table} WHERE id = ${job.id}`, "ending a job");
    }
  }

  async moveJob(id: string, position: readonly (string | null)[] | undefined, rows: number): Promise<void> {
    await this.#target.run(
      `UPDATE ${this.schema.table("jobs")} SET position = ${position === undefined ? "NULL" : text(JSON.stringify(position))},
         rows_done = rows_done + ${rows}, updated_at = ${now} WHERE id = ${BigInt(id)}`,
      "advancing a job",
    );
  }

  async setting(name: string): Promise<unknown> {
    const rows = await this.#target.rows(
      `SELECT value FROM ${this.schema.table("settings")} WHERE name = ${text(name)}`,
      "reading a setting",
    );
    return rows[0] === undefined ? undefined : parseState(rows[0][0], `setting ${name}`);
  }

  /** Settings whose names begin so. */
  async settings(prefix: string): Promise<ReadonlyMap<string, unknown>> {
    const rows = await this.#target.rows(
      `SELECT name, value FROM ${this.schema.table("settings")} WHERE LEFT(name, ${prefix.length}) = ${text(prefix)}`,
      "reading settings",
    );
    return new Map(rows.map(([name, content]) => [string(name), parseState(content, `setting ${string(name)}`)]));
  }

  async setSetting(name: string, content: unknown): Promise<void> {
    await this.#target.run(
      `INSERT INTO ${this.schema.table("settings")} (name, value) VALUES (${text(name)}, ${text(JSON.stringify(content))})
       ON DUPLICATE KEY UPDATE value = VALUES(value)`,
      "writing a setting",
    );
  }

  async removeSetting(name: string): Promise<void> {
    await this.#target.run(
      `DELETE FROM ${this.schema.table("settings")} WHERE name = ${text(name)}`,
      "removing a setting",
    );
  }

  async tail(route: string): Promise<unknown> {
    const rows = await this.#target.rows(
      `SELECT state FROM ${this.schema.table("tails")} WHERE route = ${text(route)}`,
      "reading a tail",
    );
    return rows[0] === undefined ? undefined : parseState(rows[0][0], `the tail of ${route}`);
  }

  async setTail(route: string, state: unknown): Promise<void> {
    await this.#target.run(
      `INSERT INTO ${this.schema.table("tails")} (route, state) VALUES (${text(route)}, ${text(JSON.stringify(state))})
       ON DUPLICATE KEY UPDATE state = VALUES(state)`,
      "writing a tail",
    );
  }
}

function jobKind(stored: string): JobKind {
  const kind = jobKinds.find((known) => known === stored);
  if (kind === undefined)
    throw new SyncError("UNEXPECTED", `a job of the unknown kind ${stored} is in the state database`);
  return kind;
}
