import { setTimeout as delay } from "node:timers/promises";
import { type Connection, createConnection, type ResultSetHeader } from "mysql2/promise";
import { type Mariadb } from "../mariadb";
import { type Random } from "../random";
import { type WorkloadProgress } from "../scenario";

export type SqlValue = string | number | null;

/** One round of an application's work. */
export type Application = (connection: ApplicationConnection, round: number) => Promise<void>;

/** Milliseconds between two rounds, at most. */
const longestThought = 60;

/** ER_DUP_ENTRY, ER_LOCK_WAIT_TIMEOUT, ER_LOCK_DEADLOCK: what real applications live with. */
const ordinaryErrors = new Set([1062, 1205, 1213]);

export class ApplicationConnection {
  readonly random: Random;
  readonly #connection: Connection;
  readonly #progress: WorkloadProgress;

  private constructor(connection: Connection, random: Random, progress: WorkloadProgress) {
    this.#connection = connection;
    this.random = random;
    this.#progress = progress;
  }

  static async open(source: Mariadb, random: Random, progress: WorkloadProgress): Promise<ApplicationConnection> {
    const connection = await createConnection({ ...source.rootConnection, database: "shop", charset: "utf8mb4" });
    return new ApplicationConnection(connection, random, progress);
  }

  async think(): Promise<void> {
    await delay(this.random.below(longestThought));
  }

  /** Sends a statement with the values in its text; false when it failed as statements do in real life. */
  async run(sql: string, values: readonly (SqlValue | readonly (readonly SqlValue[])[])[] = []): Promise<boolean> {
    return await this.#attempt(() => this.#connection.query(sql, [...values]));
  }

  /** Sends a prepared statement: the audit log does not show its values. */
  async execute(sql: string, values: SqlValue[]): Promise<boolean> {
    return await this.#attempt(() => this.#connection.execute(sql, values));
  }

  /** Sends an INSERT and returns the key that the server gave out; `undefined` when it failed. */
  async insert(sql: string, values: readonly SqlValue[]): Promise<number | undefined> {
    let id: number | undefined;
    await this.#attempt(async () => {
      const [result] = await this.#connection.query<ResultSetHeader>(sql, [...values]);
      id = result.insertId;
    });
    return id;
  }

  async close(): Promise<void> {
    await this.#connection.end();
  }

  async #attempt(send: () => Promise<unknown>): Promise<boolean> {
    try {
      await send();
      return true;
    } catch (error) {
      const { errno } = error as { errno?: number };
      if (errno === undefined || !ordinaryErrors.has(errno)) throw error;
      this.#progress.failedStatements += 1;
      return false;
    }
  }
}
