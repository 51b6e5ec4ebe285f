/** Touches as the function derives them, from tables that a private server was told to make. */
import { Session } from "../../handler/sql/connection";
import { userDatabases } from "../../local/compare/tables";
import { type Mariadb, startMariadb } from "../../local/mariadb";
import { ensureMariadb } from "../../local/mariadbInstallation";
import { runSqlFile } from "../../local/sqlClient";
import { asRoot } from "../../local/targets";
import { openTouchReader } from "../../local/touchReader";
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
    const reader = await openTouchReader(session, databases, () => true);
    if (reader.tables.length === 0) {
      throw new Unusable(
        "--schema makes no table; begin it with CREATE DATABASE and USE, as mysqldump --databases does",
      );
    }
    return (record) => reader.touches(record);
  } finally {
    await session.close();
  }
}
