/** What was set aside at the target, with the reason and everything that is needed to try again. */
import { createHash } from "node:crypto";
import type { Session } from "../sql/connection";
import { text, value, type SqlText } from "../sql/text";
import { integer, string } from "./json";
import type { StateSchema } from "./schema";

const now = "UTC_TIMESTAMP(3)";

/** Of a statement that sets something aside, what is not its payload: a key, a reason. */
const otherBytes = 100_000;

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

export interface StoredDead extends DeadEntry {
  readonly id: string;
  readonly attempts: number;
  readonly ageSeconds: number;
}

/** Some entries, or all; of one route, or of any. */
export interface DeadSelection {
  readonly table?: string | undefined;
  readonly ids: readonly string[] | "all";
}

export class Dead {
  readonly #schema: StateSchema;
  readonly #target: Session;

  constructor(schema: StateSchema, target: Session) {
    this.#schema = schema;
    this.#target = target;
  }

  /** The same thing once more counts as another attempt. */
  async setAside(entry: DeadEntry): Promise<void> {
    const digest = createHash("sha256")
      .update(JSON.stringify([entry.kind, entry.route, entry.work]))
      .update(entry.payload ?? "")
      .digest();
    // Escaping doubles bytes at most; a payload that no statement could hold must not hold up the batch.
    const room = Math.max(0, (this.#target.maxPacketBytes >> 1) - otherBytes);
    const payload = entry.payload?.subarray(0, room);
    const cut = payload !== undefined && payload.length < (entry.payload?.length ?? 0);
    const reason = cut ? `${entry.reason}; only its first ${room} bytes are kept` : entry.reason;
    const optional = (given: string | undefined): SqlText => (given === undefined ? "NULL" : text(given));
    await this.#target.run(
      `INSERT INTO ${this.#table()}
         (kind, route, code, reason, work, payload, sequence_number, digest, created_at, updated_at)
       VALUES (${text(entry.kind)}, ${optional(entry.route)}, ${text(entry.code)}, ${text(reason)},
         ${optional(entry.work)}, ${value(payload ?? null, "_binary")}, ${optional(entry.sequenceNumber)},
         ${value(digest, "_binary")}, ${now}, ${now})
       ON DUPLICATE KEY UPDATE attempts = attempts + 1, code = VALUES(code), reason = VALUES(reason),
         updated_at = VALUES(updated_at)`,
      "setting aside what cannot be applied",
    );
  }

  /** In the order in which they were set aside, after an id. */
  async list(selection: DeadSelection, after: string | undefined, limit: number): Promise<readonly StoredDead[]> {
    const rows = await this.#target.rows(
      `SELECT id, kind, route, code, reason, work, payload, sequence_number, attempts,
         TIMESTAMPDIFF(SECOND, created_at, ${now})
       FROM ${this.#table()} WHERE ${condition(selection, after)} ORDER BY id LIMIT ${limit}`,
      "listing what was set aside",
    );
    return rows.map(([id, kind, route, code, reason, work, payload, sequenceNumber, attempts, age]) => ({
      id: string(id),
      kind: string(kind) as DeadEntry["kind"],
      route: route === null ? undefined : string(route),
      code: string(code),
      reason: string(reason),
      work: work === null ? undefined : string(work),
      payload: payload ?? undefined,
      sequenceNumber: sequenceNumber === null ? undefined : string(sequenceNumber),
      attempts: integer(attempts),
      ageSeconds: integer(age),
    }));
  }

  async count(selection: DeadSelection, after?: string): Promise<number> {
    const rows = await this.#target.rows(
      `SELECT COUNT(*) FROM ${this.#table()} WHERE ${condition(selection, after)}`,
      "counting what was set aside",
    );
    return integer(rows[0]?.[0]);
  }

  async remove(id: string): Promise<void> {
    await this.drop({ ids: [id] });
  }

  async drop(selection: DeadSelection): Promise<number> {
    const { affectedRows } = await this.#target.run(
      `DELETE FROM ${this.#table()} WHERE ${condition(selection, undefined)}`,
      "dropping what was set aside",
    );
    return affectedRows;
  }

  #table(): SqlText {
    return this.#schema.table("dead");
  }
}

function condition({ table, ids }: DeadSelection, after: string | undefined): SqlText {
  return [
    "TRUE",
    ...(table === undefined ? [] : [`route = ${text(table.toLowerCase())}`]),
    ...(ids === "all" ? [] : [`id IN (${ids.map(BigInt).join(", ")})`]),
    ...(after === undefined ? [] : [`id > ${BigInt(after)}`]),
  ].join(" AND ");
}
