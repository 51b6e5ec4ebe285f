import { createConnection, type Connection, type ConnectionOptions, type ResultSetHeader } from "mysql2";
import { databaseError, SyncError } from "../errors";
import type { SqlText, Value } from "./text";

export type Row = readonly Value[];

/** Milliseconds that opening a connection may take. */
const connectTimeoutMs = 10_000;

/**
 * One session whose statements and values are bytes. The character set `binary` makes the server take SQL text as it is
 * and send every column in its own character set; `typeCast: false` keeps values as buffers.
 * Times are UTC on both sides; foreign keys are not checked, as replication appliers do.
 */
export class Session {
  readonly #connection: Connection;
  #broken = false;
  #maxPacketBytes = 0;
  readonly role: string;

  private constructor(connection: Connection, role: string) {
    this.#connection = connection;
    this.role = role;
    connection.on("error", () => {
      this.#broken = true;
    });
  }

  /** @throws {SyncError} when the server cannot be reached or refuses the user. */
  static async open(role: string, options: ConnectionOptions, settings: readonly SqlText[]): Promise<Session> {
    const connection = createConnection({
      ...options,
      charset: "BINARY",
      typeCast: false,
      rowsAsArray: true,
      connectTimeout: connectTimeoutMs,
      enableKeepAlive: true,
      flags: ["-LOCAL_FILES"],
    });
    const session = new Session(connection, role);
    try {
      await new Promise<void>((resolve, reject) => {
        connection.connect((error) => {
          if (error) reject(error);
          else resolve();
        });
      });
      for (const setting of settings) await session.run(setting, "preparing the session");
      const [[limit] = []] = await session.rows("SELECT @@max_allowed_packet", "preparing the session");
      session.#maxPacketBytes = Number(limit?.toString("latin1"));
    } catch (error) {
      connection.destroy();
      throw databaseError(error, `connecting to the ${role}`);
    }
    return session;
  }

  /** Bytes of the longest statement that the server takes; a longer one costs the connection. */
  get maxPacketBytes(): number {
    return this.#maxPacketBytes;
  }

  get broken(): boolean {
    return this.#broken;
  }

  /** Rows of a SELECT. `doing` names the action in error messages. */
  async rows(sql: SqlText, doing: string): Promise<readonly Row[]> {
    const result = await this.#query(sql, doing);
    if (!Array.isArray(result)) throw new SyncError("UNEXPECTED", `${doing} at the ${this.role}: no result set`);
    return result as readonly Row[];
  }

  /** Runs a statement; returns how many rows it affected, as the server counts them. */
  async run(sql: SqlText, doing: string): Promise<{ affectedRows: number; warnings: number }> {
    const result = (await this.#query(sql, doing)) as ResultSetHeader;
    return { affectedRows: result.affectedRows, warnings: result.warningStatus };
  }

  /**
   * Runs a statement with a `?` for each of `values`, which are sent as they are: as text, one of 16 MB would be copied
   * five times. The server takes them for binary strings.
   */
  async runWithValues(sql: SqlText, values: readonly Buffer[], doing: string): Promise<void> {
    try {
      await new Promise<void>((resolve, reject) => {
        this.#connection.execute(sql, [...values], (error) => {
          if (error) reject(error);
          else resolve();
        });
      });
    } catch (error) {
      throw this.#failed(error, doing);
    } finally {
      // Else both sides would keep every one of them.
      this.#connection.unprepare(sql);
    }
  }

  /**
   * Reads rows one by one and waits for `take` before it reads on, so that memory stays bounded by what `take` keeps.
   * Every row is read to the end even when `take` fails, so that the session stays usable.
   */
  async each(sql: SqlText, doing: string, take: (row: Row) => Promise<void> | undefined): Promise<void> {
    let failure: unknown;
    let running: Promise<void> | undefined;
    const lost = Promise.withResolvers<never>();
    // A command without a callback is not told that its connection is lost; only the connection itself is.
    this.#connection.once("error", lost.reject);
    try {
      await Promise.race([
        lost.promise,
        new Promise<void>((resolve, reject) => {
          const command = this.#connection.query(sql);
          command.on("result", (row: unknown) => {
            if (failure !== undefined) return;
            const taken = take(row as Row);
            if (taken === undefined) return;
            this.#connection.pause();
            running = taken
              .catch((error: unknown) => {
                failure = error;
              })
              .then(() => {
                running = undefined;
                this.#connection.resume();
              });
          });
          command.on("error", reject);
          command.on("end", resolve);
        }),
      ]);
    } catch (error) {
      throw this.#failed(error, doing);
    } finally {
      this.#connection.off("error", lost.reject);
      await running;
    }
    if (failure !== undefined) throw failure as Error;
  }

  /** Runs `work` in one transaction; rolls back when it throws. */
  async transaction<T>(work: () => Promise<T>): Promise<T> {
    await this.run("START TRANSACTION", "starting a transaction");
    let result: T;
    try {
      result = await work();
    } catch (error) {
      await this.#rollBack();
      throw error;
    }
    await this.run("COMMIT", "committing");
    return result;
  }

  /** A connection that cannot roll back is given up: the server then rolls back by itself. */
  async #rollBack(): Promise<void> {
    if (this.#broken) return;
    try {
      await this.run("ROLLBACK", "rolling back");
    } catch {
      this.#broken = true;
      this.#connection.destroy();
    }
  }

  async close(): Promise<void> {
    if (this.#broken) {
      this.#connection.destroy();
      return;
    }
    this.#broken = true;
    await new Promise<void>((resolve) => {
      this.#connection.end(() => {
        resolve();
      });
    });
  }

  /**
   * A statement that is longer than the server takes is not sent: that would cost the connection, and each retry again.
   */
  async #query(sql: SqlText, doing: string): Promise<unknown> {
    if (this.#maxPacketBytes > 0 && sql.length >= this.#maxPacketBytes) {
      throw new SyncError("ROW_REFUSED", `${doing} at the ${this.role}: longer than max_allowed_packet (1153)`, 1153);
    }
    return await new Promise<unknown>((resolve, reject) => {
      this.#connection.query(sql, (error, result) => {
        if (error) reject(this.#failed(error, doing));
        else resolve(result);
      });
    });
  }

  #failed(error: unknown, doing: string): SyncError {
    const failure = databaseError(error, `${doing} at the ${this.role}`);
    if (failure.code === "DATABASE_UNAVAILABLE" || failure.errno === 1153) {
      this.#broken = true;
      this.#connection.destroy();
    }
    return failure;
  }
}
