/** Touches as the function derives them, from tables that a private server was told to make. */
import { readRecordText } from "../../handler/sync/reading";
import { Behind } from "../../handler/source/behind";
import { readForeignKeys, readPrograms, readTables } from "../../handler/source/catalog";
import { Session } from "../../handler/sql/connection";
import { buildTableIndex } from "../../handler/touch/tableIndex";
import { userDatabases } from "../../local/compare/tables";
import { type Mariadb, startMariadb } from "../../local/mariadb";
import { ensureMariadb } from "../../local/mariadbInstallation";
import { runSqlFile } from "../../local/sqlClient";
import { asRoot } from "../../local/targets";
import { checkReadable } from "../input";
import { Unusable } from "../unusable";
import { type DescribeTouches } from "./describeRecord";

/** @throws {Unusable} when a file cannot be read, a statement fails, or the SQL makes no table. */
export async function openSchema(files: readonly string[]): Promise<DescribeTouches> {
  files.forEach(checkReadable);
  const say = (line: string): void => {
    process.stderr.write(`${line}\n`);
  };
  if (!ensureMariadb(say)) throw new Unusable("--schema needs MariaDB; see above");
  const server = await startMariadb({ name: "schema" });
  try {
    for (const file of files) await runSchema(server, file);
    return await readSchema(server);
  } finally {
    await server.remove();
  }
}

async function runSchema(server: Mariadb, file: string): Promise<void> {
  const { errors, exitStatus } = await runSqlFile(server, file, { force: false });
  if (exitStatus !== 0) throw new Unusable(`--schema ${file} failed: ${errors[0] ?? "no message"}; mend the SQL`);
}

async function readSchema(server: Mariadb): Promise<DescribeTouches> {
  const databases = await asRoot(server, userDatabases);
  const session = await Session.open("schema", server.rootConnection, []);
  try {
    const programs = await readPrograms(session);
    const definitions = [...(await readTables(session, databases, programs)).values()];
    if (definitions.length === 0) {
      throw new Unusable(
        "--schema makes no table; begin it with CREATE DATABASE and USE, as mysqldump --databases does",
      );
    }
    const tables = buildTableIndex(definitions);
    const names = definitions.map(({ name }) => name);
    const behind = new Behind(programs, await readForeignKeys(session), tables, names);
    const nowMs = Date.now();
    return (record) => {
      if (record.operation !== "QUERY") return [];
      const effects = readRecordText(record, tables, nowMs);
      return [...effects.touches, ...behind.touches(effects, record.database, record.object)];
    };
  } finally {
    await session.close();
  }
}
