/** Reading and writing the state tables. Nothing here commits: the caller's transaction does. */
import { createHash } from "node:crypto";
import type { Session } from "../sql/connection";
import { text, value, type SqlText } from "../sql/text";
import type { Touch, WideningReason } from "../touch/touch";
import { integer, parseState, string } from "./json";
import type { StateSchema } from "./schema";

const now = "UTC_TIMESTAMP(3)";

/** A touch that waits for a transaction of the source to end. */
export interface PendingTouches {
  readonly id: string;
  readonly connectionId: string;
  readonly transactionId: bigint;
}

export interface Job {
  readonly id: string;
  readonly route: string;
  /** `compare`: the whole table by checksum. `where`: one predicate that selects many rows. */
  readonly kind: "compare" | "where";
  readonly reason: WideningReason;
  readonly work: unknown;
  /** Key up to which the work is done, as base64 bytes. */
  readonly position: readonly (string | null)[] | undefined;
  /** Asked for again while in progress: starts over when it reaches the end. */
  readonly again: boolean;
}

export interface DeadEntry {
  readonly kind: "row" | "record" | "line";
  readonly route: string | undefined;
  readonly code: string;
  readonly reason: string;
  /** What to try again: the row's key as SQL bytes in base64. */
  readonly work: string | undefined;
  readonly payload: Buffer | undefined;
  readonly sequenceNumber: string | undefined;
}

export class Store {
  readonly schema: StateSchema;
  readonly #target: Session;

  constructor(schema: StateSchema, target: Session) {
    this.schema = schema;
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

  async pendingSummary(): Promise<{ count: number; ageSeconds: number }> {
    const rows = await this.#target.rows(
      `SELECT COUNT(*), COALESCE(TIMESTAMPDIFF(SECOND, MIN(created_at), ${now}), 0) FROM ${this.schema.table("pending")}`,
      "counting pending touches",
    );
    return { count: integer(rows[0]?.[0]), ageSeconds: integer(rows[0]?.[1]) };
  }

  async jobs(): Promise<readonly Job[]> {
    const rows = await this.#target.rows(
      `SELECT id, route, kind, reason, work, position, again FROM ${this.schema.table("jobs")} ORDER BY id`,
      "reading jobs",
    );
    return rows.map(([id, route, kind, reason, work, position, again]) => ({
      id: string(id),
      route: string(route),
      kind: string(kind) === "where" ? "where" : "compare",
      reason: string(reason) as WideningReason,
      work: parseState(work, "a job"),
      position:
        position === null || position === undefined
          ? undefined
          : (parseState(position, "a job's position") as (string | null)[]),
      again: integer(again) === 1,
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

  async addJob(route: string, kind: Job["kind"], reason: WideningReason, work: unknown): Promise<void> {
    await this.#target.run(
      `INSERT INTO ${this.schema.table("jobs")} (route, kind, reason, work, created_at, updated_at)
       VALUES (${text(route)}, ${text(kind)}, ${text(reason)}, ${text(JSON.stringify(work))}, ${now}, ${now})`,
      "adding a job",
    );
  }

  /** Re-reads one job under the route's lock; `undefined` when another worker has ended it. */
  async job(id: string): Promise<Job | undefined> {
    return (await this.jobs()).find((job) => job.id === id);
  }

  async advanceJob(job: Job, position: readonly (string | null)[] | undefined, rows: number): Promise<void> {
    const table = this.schema.table("jobs");
    if (position !== undefined) {
      await this.#target.run(
        `UPDATE ${table} SET position = ${text(JSON.stringify(position))}, rows_done = rows_done + ${rows},
           updated_at = ${now} WHERE id = ${job.id}`,
        "advancing a job",
      );
    } else if (job.again) {
      await this.#target.run(
        `UPDATE ${table} SET position = NULL, again = 0, rows_done = 0, updated_at = ${now} WHERE id = ${job.id}`,
        "starting a job again",
      );
    } else {
      await this.#target.run(`DELETE FROM ${table} WHERE id = ${job.id}`, "ending a job");
    }
  }

  async setting(name: string): Promise<unknown> {
    const rows = await this.#target.rows(
      `SELECT value FROM ${this.schema.table("settings")} WHERE name = ${text(name)}`,
      "reading a setting",
    );
    return rows[0] === undefined ? undefined : parseState(rows[0][0], `setting ${name}`);
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

  async setAside(entry: DeadEntry): Promise<void> {
    const digest = createHash("sha256")
      .update(JSON.stringify([entry.kind, entry.route, entry.work]))
      .update(entry.payload ?? "")
      .digest();
    const optional = (given: string | undefined): SqlText => (given === undefined ? "NULL" : text(given));
    await this.#target.run(
      `INSERT INTO ${this.schema.table("dead")}
         (kind, route, code, reason, work, payload, sequence_number, digest, created_at, updated_at)
       VALUES (${text(entry.kind)}, ${optional(entry.route)}, ${text(entry.code)}, ${text(entry.reason)},
         ${optional(entry.work)}, ${value(entry.payload ?? null, "_binary")}, ${optional(entry.sequenceNumber)},
         ${value(digest, "_binary")}, ${now}, ${now})
       ON DUPLICATE KEY UPDATE attempts = attempts + 1, code = VALUES(code), reason = VALUES(reason),
         updated_at = VALUES(updated_at)`,
      "setting aside what cannot be applied",
    );
  }

  async deadCount(): Promise<number> {
    const rows = await this.#target.rows(`SELECT COUNT(*) FROM ${this.schema.table("dead")}`, "counting dead entries");
    return integer(rows[0]?.[0]);
  }
}

/** A key as stored with a dead row: SQL text is bytes, which JSON and text columns cannot hold. */
export function encodeSql(sql: SqlText): string {
  return Buffer.from(sql, "latin1").toString("base64");
}
