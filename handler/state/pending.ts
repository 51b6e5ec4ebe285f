/** Touches of statements whose transaction was open when their records were read. */
import type { Session } from "../sql/connection";
import { text, type SqlText } from "../sql/text";
import type { Touch } from "../touch/touch";
import { integer, parseState, string } from "./json";
import type { StateSchema } from "./schema";

const now = "UTC_TIMESTAMP(3)";

/** Touches that are to wait for a transaction of the source to end. */
export interface WaitingTouches {
  readonly connectionId: string;
  readonly transactionId: bigint;
  readonly touches: readonly Touch[];
}

/** Touches whose transaction has ended. */
export interface PendingTouches {
  readonly id: string;
  readonly touches: readonly Touch[];
}

/** Rows of `pending` that are read at once, and the bytes of one of them: together they stay small in memory. */
const pendingAtOnce = 16;
const pendingBytes = 100_000;
/** Bytes of one statement; every server takes that many. */
const statementBytes = 500_000;

export interface ListedPending {
  readonly connectionId: string;
  readonly transactionId: bigint;
  readonly touches: readonly Touch[];
  readonly ageSeconds: number;
}

export class Pending {
  readonly #schema: StateSchema;
  readonly #target: Session;

  constructor(schema: StateSchema, target: Session) {
    this.#schema = schema;
    this.#target = target;
  }

  /** Ids of the source's transactions for whose end touches wait. */
  async transactions(): Promise<readonly bigint[]> {
    const rows = await this.#target.rows(
      `SELECT DISTINCT transaction_id FROM ${this.#schema.table("pending")}`,
      "reading pending touches",
    );
    return rows.map(([transaction]) => BigInt(string(transaction)));
  }

  /** The oldest of the touches that waited for these transactions, a bounded number of them. */
  async load(transactions: readonly bigint[]): Promise<readonly PendingTouches[]> {
    if (transactions.length === 0) return [];
    const rows = await this.#target.rows(
      `SELECT id, touches FROM ${this.#schema.table("pending")} WHERE transaction_id IN (${transactions.join(", ")})
       ORDER BY id LIMIT ${pendingAtOnce}`,
      "reading pending touches",
    );
    return rows.map(([id, touches]) => ({
      id: string(id),
      touches: parseState(touches, "a pending touch") as Touch[],
    }));
  }

  async add(entries: readonly WaitingTouches[]): Promise<void> {
    let rows: SqlText[] = [];
    let bytes = 0;
    const flush = async (): Promise<void> => {
      const sql = `INSERT INTO ${this.#schema.table("pending")} (connection_id, transaction_id, touches, created_at)
        VALUES ${rows.join(", ")}`;
      rows = [];
      bytes = 0;
      await this.#target.run(sql, "storing pending touches");
    };
    for (const { connectionId, transactionId, touches } of entries) {
      for (const part of inParts(touches)) {
        const row = `(${BigInt(connectionId)}, ${transactionId}, ${text(part)}, ${now})`;
        rows.push(row);
        bytes += row.length;
        if (bytes >= statementBytes) await flush();
      }
    }
    if (rows.length > 0) await flush();
  }

  async remove(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    await this.#target.run(
      `DELETE FROM ${this.#schema.table("pending")} WHERE id IN (${ids.join(", ")})`,
      "removing pending touches",
    );
  }

  /** The oldest entries, for a person. */
  async list(limit: number): Promise<readonly ListedPending[]> {
    const rows = await this.#target.rows(
      `SELECT connection_id, transaction_id, touches, TIMESTAMPDIFF(SECOND, created_at, ${now})
       FROM ${this.#schema.table("pending")} ORDER BY id LIMIT ${limit}`,
      "listing pending touches",
    );
    return rows.map(([connection, transaction, touches, age]) => ({
      connectionId: string(connection),
      transactionId: BigInt(string(transaction)),
      touches: parseState(touches, "a pending touch") as Touch[],
      ageSeconds: integer(age),
    }));
  }
}

/** Touches as JSON in parts of a bounded size. One touch is never more than its statement's text many times over. */
function inParts(touches: readonly Touch[]): readonly string[] {
  const parts: string[] = [];
  let open: string[] = [];
  let bytes = 0;
  for (const touch of touches.flatMap(splitTouch)) {
    const json = JSON.stringify(touch);
    if (open.length > 0 && bytes + json.length > pendingBytes) {
      parts.push(`[${open.join(",")}]`);
      open = [];
      bytes = 0;
    }
    open.push(json);
    bytes += json.length;
  }
  if (open.length > 0) parts.push(`[${open.join(",")}]`);
  return parts;
}

/** Keys of one touch that are stored together. */
const keysTogether = 1_000;
/** A predicate longer than this, as SQL text, is not worth its room: the whole table is compared. */
const longestPredicate = 400_000;

function splitTouch(touch: Touch): readonly Touch[] {
  if (touch.kind === "where" && text(JSON.stringify(touch)).length > longestPredicate) {
    return [{ kind: "all", table: touch.table, reason: "unknown-predicate" }];
  }
  if (touch.kind !== "keys" || touch.keys.length <= keysTogether) return [touch];
  const parts: Touch[] = [];
  for (let start = 0; start < touch.keys.length; start += keysTogether) {
    parts.push({ ...touch, keys: touch.keys.slice(start, start + keysTogether) });
  }
  return parts;
}
