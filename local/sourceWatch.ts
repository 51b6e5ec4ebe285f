import { type Connection, createConnection } from "mysql2/promise";
import { defaultHeartbeatUser, defaultSyncUser } from "../handler/contract/environment";
import { observerUser } from "./databaseUsers";
import { type Mariadb } from "./mariadb";
import { type IdleConnections } from "./shipping/dialect";
import { type TextRow, textRows } from "./textRows";

/** Looks at the source's connections, as a user who leaves no trace in the audit log. */
export class SourceWatch {
  readonly #connection: Connection;

  private constructor(connection: Connection) {
    this.#connection = connection;
  }

  static async open(source: Mariadb, password: string): Promise<SourceWatch> {
    return new SourceWatch(await createConnection({ socketPath: source.socket, user: observerUser, password }));
  }

  /** Connections that wait for their client, or have ended. */
  async idleConnections(): Promise<IdleConnections> {
    const busy = new Set((await this.#connections()).filter(isBusy).map(([id]) => id));
    return { has: (connectionId) => !busy.has(connectionId) };
  }

  /**
   * True when no client of the source has a statement running. Its audit records are written by then: the server writes
   * a statement's record before the connection counts as idle, but after the client has got its answer.
   */
  async isQuiet(): Promise<boolean> {
    const own = [defaultSyncUser, defaultHeartbeatUser, observerUser];
    return !(await this.#connections()).some((row) => isBusy(row) && !own.includes(row[1] ?? ""));
  }

  async close(): Promise<void> {
    await this.#connection.end();
  }

  async #connections(): Promise<readonly TextRow[]> {
    return await textRows(this.#connection, "SELECT ID, USER, COMMAND FROM information_schema.PROCESSLIST");
  }
}

function isBusy([, , command]: TextRow): boolean {
  return command !== "Sleep" && command !== "Daemon";
}
