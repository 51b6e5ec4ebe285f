/** A hazard's files, run at the servers. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createConnection, type Connection } from "mysql2/promise";
import type { Mariadb } from "../../local/mariadb";
import { runSqlFile } from "../../local/sqlClient";
import type { Workspace } from "../../local/workspace";
import type { Hazard } from "./hazards";

export function databaseOf({ name }: Hazard): string {
  return `hazard_${name.replaceAll("-", "_")}`;
}

/** Makes its database at the source, and one at the target for each prefix. */
export async function prepare(
  source: Mariadb,
  target: Mariadb,
  workspace: Workspace,
  hazard: Hazard,
  prefixes: readonly string[],
): Promise<void> {
  const database = databaseOf(hazard);
  await asRoot(source, (root) => root.query(`CREATE DATABASE ${database}`));
  expectNoErrors(await runHazardFile(source, workspace, hazard, "schema.sql", database));
  for (const prefix of prefixes) {
    const copy = prefix + database;
    await asRoot(target, (root) => root.query(`CREATE DATABASE ${copy}`));
    expectNoErrors(await runHazardFile(target, workspace, hazard, "schema.sql", copy));
    await asRoot(target, async (root) => {
      const [triggers] = await root.query(
        "SELECT TRIGGER_NAME AS name FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = ?",
        [copy],
      );
      for (const { name } of triggers as { name: string }[]) await root.query(`DROP TRIGGER \`${copy}\`.\`${name}\``);
    });
    if (existsSync(join(hazard.folder, "target.sql"))) {
      expectNoErrors(await runHazardFile(target, workspace, hazard, "target.sql", copy));
    }
  }
}

export function expectNoErrors(errors: readonly string[]): void {
  if (errors.length > 0) throw new Error(errors.join("; "));
}

/** Runs a file as the client would; returns what the server said about statements that failed. */
export async function runHazardFile(
  server: Mariadb,
  workspace: Workspace,
  hazard: Hazard,
  file: string,
  database: string,
): Promise<readonly string[]> {
  const folder = join(workspace.path, "files");
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${database}-${file}`);
  const dir = join(folder, `${database}-${server.name}`);
  mkdirSync(dir, { recursive: true });
  const sql = readSql(hazard, file, database).replaceAll("@DIR@", dir);
  writeFileSync(path, `USE \`${database}\`;\n${sql}`);
  const { errors } = await runSqlFile(server, path, { force: true });
  return errors.map((error) => `${hazard.name}/${file}: ${error}`);
}

export function readSql(hazard: Hazard, file: string, database = databaseOf(hazard)): string {
  return readFileSync(join(hazard.folder, file), "utf8").replaceAll(/\bDB\b/gu, database);
}

export async function asRoot<T>(server: Mariadb, work: (root: Connection) => Promise<T>): Promise<T> {
  const root = await createConnection(server.rootConnection);
  try {
    return await work(root);
  } finally {
    await root.end();
  }
}
