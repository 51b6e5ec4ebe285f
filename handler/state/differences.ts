/** Rows that a verification saw to differ: candidates first, drift once nothing in flight can explain them. */
import { createHash } from "node:crypto";
import type { Session } from "../sql/connection";
import { text, value, type SqlText } from "../sql/text";
import { integer, parseState, string } from "./json";
import type { StateSchema } from "./schema";

const now = "UTC_TIMESTAMP(3)";

export type DifferenceKind = "missing" | "extra" | "different";

/** A part of a table in the key's order: after `from` (`undefined`: the start) up to `to` (`undefined`: the end). */
export interface KeyRange {
  readonly from: readonly (string | null)[] | undefined;
  readonly to: readonly (string | null)[] | undefined;
}

export interface Candidate {
  /** The row's key as SQL. */
  readonly key: SqlText;
  /** Digest of the target's row; `undefined`: it had none. */
  readonly targetDigest: string | undefined;
}

export interface DriftedRange extends KeyRange {
  readonly route: string;
  readonly rows: Readonly<Record<DifferenceKind, number>>;
  /** Some of the keys, as SQL. */
  readonly keys: readonly SqlText[];
}

/** Keys that a report names of each range. */
const reportedKeys = 5;

export class Differences {
  readonly #schema: StateSchema;
  readonly #target: Session;

  constructor(schema: StateSchema, target: Session) {
    this.#schema = schema;
    this.#target = target;
  }

  /** Keeps what a look at one range saw, and watches the route from now on. Hold the route's lock. */
  async add(route: string, range: KeyRange, round: number, candidates: readonly Candidate[]): Promise<void> {
    if (candidates.length === 0) return;
    const position = (key: KeyRange["from"]): SqlText => (key === undefined ? "NULL" : text(JSON.stringify(key)));
    const rows = candidates.map(
      ({ key, targetDigest }) =>
        `(${text(route)}, ${digestOf(key)}, ${text(encodeSql(key))}, ${optionalText(targetDigest)},
          ${position(range.from)}, ${position(range.to)}, ${round}, ${now})`,
    );
    await this.#target.run(
      `INSERT INTO ${this.#table()} (route, digest, key_sql, target_digest, range_from, range_to, round, looked_at)
       VALUES ${rows.join(", ")}
       ON DUPLICATE KEY UPDATE target_digest = VALUES(target_digest), range_from = VALUES(range_from),
         range_to = VALUES(range_to), round = VALUES(round), looked_at = VALUES(looked_at)`,
      "keeping differences",
    );
    await this.#watch(route, true);
  }

  /** A refreshed row is equal by definition. Hold the route's lock. */
  async forget(route: string, keys: Iterable<SqlText>): Promise<void> {
    const digests = [...new Set(keys)].map(digestOf);
    if (digests.length === 0) return;
    await this.#target.run(
      `DELETE FROM ${this.#table()} WHERE route = ${text(route)} AND digest IN (${digests.join(", ")})`,
      "forgetting differences",
    );
  }

  /** Candidates of a round, some at a time: what is settled leaves the round. */
  async ofRound(route: string, round: number, limit: number): Promise<readonly Candidate[]> {
    const rows = await this.#target.rows(
      `SELECT key_sql, target_digest FROM ${this.#table()} WHERE route = ${text(route)} AND round = ${round}
       ORDER BY digest LIMIT ${limit}`,
      "reading differences",
    );
    return rows.map(([key, digest]) => ({
      key: decodeSql(string(key)),
      targetDigest: digest === null ? undefined : string(digest),
    }));
  }

  /** Round 0 is never looked at again. */
  async confirm(route: string, kind: DifferenceKind, keys: readonly SqlText[]): Promise<void> {
    if (keys.length === 0) return;
    await this.#target.run(
      `UPDATE ${this.#table()} SET kind = ${text(kind)}, round = 0, confirmed_at = ${now}
       WHERE route = ${text(route)} AND digest IN (${keys.map(digestOf).join(", ")})`,
      "confirming differences",
    );
  }

  /** Looks at a row once more: its target changed without a refresh. */
  async postpone(route: string, round: number, { key, targetDigest }: Candidate): Promise<void> {
    await this.#target.run(
      `UPDATE ${this.#table()} SET target_digest = ${optionalText(targetDigest)}, round = ${round}, looked_at = ${now}
       WHERE route = ${text(route)} AND digest = ${digestOf(key)}`,
      "postponing a difference",
    );
  }

  /** Confirmed rows after a digest (in hexadecimal), in the order of digests. */
  async confirmed(
    route: string,
    after: string | undefined,
    limit: number,
  ): Promise<readonly { readonly digest: string; readonly key: SqlText }[]> {
    const rows = await this.#target.rows(
      `SELECT HEX(digest), key_sql FROM ${this.#table()} WHERE route = ${text(route)} AND confirmed_at IS NOT NULL
         ${after === undefined ? "" : `AND digest > X'${hexadecimal(after)}'`} ORDER BY digest LIMIT ${limit}`,
      "reading differences",
    );
    return rows.map(([digest, key]) => ({ digest: string(digest), key: decodeSql(string(key)) }));
  }

  /** Ends a verification: what it did not see to differ is gone. Returns how many confirmed rows there are. */
  async finish(route: string, jobId: string): Promise<number> {
    await this.#target.run(
      `DELETE FROM ${this.#table()} WHERE route = ${text(route)} AND (confirmed_at IS NULL OR
         looked_at < (SELECT created_at FROM ${this.#schema.table("jobs")} WHERE id = ${BigInt(jobId)}))`,
      "ending a verification",
    );
    return await this.unwatch(route);
  }

  /** Stops watching a route without differences. Returns how many there are. */
  async unwatch(route: string): Promise<number> {
    const rows = await this.#target.rows(
      `SELECT COUNT(*) FROM ${this.#table()} WHERE route = ${text(route)}`,
      "counting differences",
    );
    const count = integer(rows[0]?.[0]);
    if (count === 0) await this.#watch(route, false);
    return count;
  }

  async countOf(route: string): Promise<number> {
    const rows = await this.#target.rows(
      `SELECT COUNT(*) FROM ${this.#table()} WHERE route = ${text(route)}`,
      "counting differences",
    );
    return integer(rows[0]?.[0]);
  }

  /** Confirmed rows by route and key range. */
  async report(routes: readonly string[], limit: number): Promise<readonly DriftedRange[]> {
    if (routes.length === 0) return [];
    const rows = await this.#target.rows(
      `SELECT route, range_from, range_to, SUM(kind = 'missing'), SUM(kind = 'extra'), SUM(kind = 'different'),
         GROUP_CONCAT(key_sql ORDER BY digest)
       FROM ${this.#table()} WHERE confirmed_at IS NOT NULL AND route IN (${routes.map(text).join(", ")})
       GROUP BY route, range_from, range_to ORDER BY route, MIN(looked_at) LIMIT ${limit}`,
      "reporting differences",
    );
    return rows.map(([route, from, to, missing, extra, different, keys]) => ({
      route: string(route),
      from: from === null ? undefined : (parseState(from, "a key range") as readonly (string | null)[]),
      to: to === null ? undefined : (parseState(to, "a key range") as readonly (string | null)[]),
      rows: { missing: integer(missing), extra: integer(extra), different: integer(different) },
      keys: firstWhole(string(keys).split(","), integer(missing) + integer(extra) + integer(different)).map(decodeSql),
    }));
  }

  async #watch(route: string, watched: boolean): Promise<void> {
    await this.#target.run(
      `UPDATE ${this.#schema.table("locks")} SET watched = ${watched ? 1 : 0} WHERE name = ${text(route)}`,
      "watching a route",
    );
  }

  #table(): SqlText {
    return this.#schema.table("differences");
  }
}

function digestOf(key: SqlText): SqlText {
  return value(createHash("sha256").update(key, "latin1").digest(), "_binary");
}

function optionalText(given: string | undefined): SqlText {
  return given === undefined ? "NULL" : text(given);
}

function hexadecimal(given: string): string {
  if (!/^[0-9A-F]{64}$/u.test(given)) throw new Error("a digest is not hexadecimal");
  return given;
}

/** GROUP_CONCAT cuts at group_concat_max_len (1024 by default), so the last of fewer than all may not be whole. */
function firstWhole(items: readonly string[], total: number): readonly string[] {
  return (items.length < total ? items.slice(0, -1) : items).slice(0, reportedKeys);
}

/** A key in a state table: SQL text is bytes, which JSON and text columns cannot hold. */
export function encodeSql(sql: SqlText): string {
  return Buffer.from(sql, "latin1").toString("base64");
}

export function decodeSql(encoded: string): SqlText {
  return Buffer.from(encoded, "base64").toString("latin1");
}
