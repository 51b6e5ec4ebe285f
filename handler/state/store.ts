/** Reading and writing the state tables. Nothing here commits: the caller's transaction does. */
import { SyncError } from "../errors";
import type { Session } from "../sql/connection";
import { text, type SqlText } from "../sql/text";
import type { WideningReason } from "../touch/touch";
import { Dead } from "./dead";
import { Differences } from "./differences";
import { integer, parseState, string } from "./json";
import { Pending } from "./pending";
import type { StateSchema } from "./schema";

const now = "UTC_TIMESTAMP(3)";

const routePrefix = "route:";

/**
 * `compare`: the whole table by checksum, refreshing what differs. `where`: one predicate that selects many rows.
 * `tail`: many new keys. `keys`: rows for which there was no time.
 * `verify`: the whole table by checksum, changing nothing. `repair`: refreshes what a verification found.
 */
export const jobKinds = ["compare", "where", "tail", "keys", "verify", "repair"] as const;
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
  readonly pending: Pending;
  readonly #target: Session;

  constructor(schema: StateSchema, target: Session) {
    this.schema = schema;
    this.differences = new Differences(schema, target);
    this.dead = new Dead(schema, target);
    this.pending = new Pending(schema, target);
    this.#target = target;
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

  /** More new keys than one invocation copies: a job goes on with them. Hold the route's lock. */
  async requestTail(route: string): Promise<void> {
    const rows = await this.#target.rows(
      `SELECT id FROM ${this.schema.table("jobs")} WHERE route = ${text(route)} AND kind = 'tail' LIMIT 1`,
      "looking for a job",
    );
    if (rows.length === 0) await this.addJob(route, "tail", "unknown-key", {});
  }

  /** Re-reads one job under the route's lock; `undefined` when another worker has ended it. */
  async job(id: string): Promise<Job | undefined> {
    return (await this.#readJobs(`id = ${BigInt(id)}`))[0];
  }

  /** Whether work that follows from records is still to be done as a job. */
  async hasRefreshJobs(route: string): Promise<boolean> {
    const rows = await this.#target.rows(
      `SELECT id FROM ${this.schema.table("jobs")} WHERE route = ${text(route)} AND kind NOT IN ('verify', 'repair') LIMIT 1`,
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

  /** Raises a counter by one, however many do so at once, and returns it. */
  async raiseCounter(name: string): Promise<number> {
    const table = this.schema.table("settings");
    await this.#target.run(
      `INSERT INTO ${table} (name, value) VALUES (${text(name)}, '1')
       ON DUPLICATE KEY UPDATE value = CAST(value AS UNSIGNED) + 1`,
      "raising a counter",
    );
    return Number(await this.setting(name));
  }

  /** Routes that have been started, with the fingerprint of the definitions that they were started with. */
  async startedRoutes(): Promise<ReadonlyMap<string, string>> {
    const settings = await this.settings(routePrefix);
    return new Map([...settings].map(([name, content]) => [name.slice(routePrefix.length), String(content)]));
  }

  async setStarted(route: string, fingerprint: string): Promise<void> {
    await this.setSetting(routePrefix + route, fingerprint);
  }

  /** The route's next start compares everything, so nothing that arrives meanwhile needs to be kept. */
  async forgetStart(route: string): Promise<void> {
    await this.#target.run(
      `DELETE FROM ${this.schema.table("settings")} WHERE name = ${text(routePrefix + route)}`,
      "forgetting a route",
    );
  }

  /** The same, and what is left to do for it. */
  async forgetRoute(route: string): Promise<void> {
    for (const table of ["jobs", "tails"] as const) {
      await this.#target.run(
        `DELETE FROM ${this.schema.table(table)} WHERE route = ${text(route)}`,
        "forgetting a route",
      );
    }
    await this.forgetStart(route);
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
