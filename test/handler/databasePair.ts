import { startMariadb, type Mariadb } from "../../local/mariadb";
import { openDatabases, type Databases } from "../../handler/sql/sessions";
import type { Session } from "../../handler/sql/connection";
import { parseTargets } from "../../handler/contract/routes";
import { planRoutes, type RoutePlan } from "../../handler/routes/plan";
import { readPrograms, readTables } from "../../handler/source/catalog";

/** Two real servers and the sessions that the handler would have. */
export class DatabasePair {
  readonly sourceServer: Mariadb;
  readonly targetServer: Mariadb;
  readonly source: Session;
  readonly target: Session;
  readonly databases: Databases;

  private constructor(
    servers: { source: Mariadb; target: Mariadb },
    databases: Databases,
    sessions: { source: Session; target: Session },
  ) {
    this.sourceServer = servers.source;
    this.targetServer = servers.target;
    this.databases = databases;
    this.source = sessions.source;
    this.target = sessions.target;
  }

  static async open(): Promise<DatabasePair> {
    const [source, target] = await Promise.all([startMariadb({ name: "source" }), startMariadb({ name: "target" })]);
    const databases = openDatabases({
      source: () => Promise.resolve({ socketPath: source.socket, user: "root" }),
      target: () => Promise.resolve({ socketPath: target.socket, user: "root" }),
    });
    const sessions = { source: await databases.source(), target: await databases.target() };
    return new DatabasePair({ source, target }, databases, sessions);
  }

  async both(...statements: string[]): Promise<void> {
    for (const statement of statements) {
      await this.source.run(statement, "preparing a test");
      await this.target.run(statement, "preparing a test");
    }
  }

  /** The plan of one same-named table. */
  async plan(name: string): Promise<RoutePlan> {
    const [database = ""] = name.split(".");
    const [target] = parseTargets([{ name: "target", routes: [{ source: name }] }]);
    const sources = await readTables(this.source, [database], await readPrograms(this.source));
    const targets = await readTables(this.target, [database], []);
    const { plans, stopped } = planRoutes(target?.routes ?? [], sources, targets);
    const [plan] = plans;
    if (plan === undefined) throw new Error(stopped.map(({ problem }) => problem).join());
    return plan;
  }

  async close(): Promise<void> {
    await this.databases.close();
    await Promise.all([this.sourceServer.remove(), this.targetServer.remove()]);
  }
}

export async function texts(session: Session, sql: string): Promise<readonly (readonly (string | null)[])[]> {
  const rows = await session.rows(sql, "reading in a test");
  return rows.map((row) => row.map((field) => field?.toString("utf8") ?? null));
}
