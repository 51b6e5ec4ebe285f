/** The database servers of a measurement, all of one size. */
import { createConnection, type Connection } from "mysql2/promise";
import { type Mariadb, startMariadb } from "../../local/mariadb";

/** A buffer pool that holds the tables, and room in the redo log, so that no server waits for its disk. */
const size = {
  "innodb-buffer-pool-size": "1G",
  "innodb-log-file-size": "512M",
};

/** As somebody runs a source that others read the binlog of: whole rows, with column names for readers that want them. */
const binlog = {
  "log-bin": "binlog",
  "binlog-format": "ROW",
  "binlog-row-metadata": "FULL",
  "sync-binlog": "0",
  "server-id": "1",
};

export async function startSource(parentDir: string): Promise<Mariadb> {
  return await startMariadb({ name: "source", parentDir, audit: true, options: { ...size, ...binlog } });
}

export async function startBareSource(
  parentDir: string,
  name: string,
  parts: { readonly audit?: boolean; readonly binlog?: boolean },
): Promise<Mariadb> {
  const options = parts.binlog === true ? { ...size, ...binlog } : size;
  return await startMariadb({ name, parentDir, audit: parts.audit ?? false, options });
}

export async function startFollower(parentDir: string, name: string): Promise<Mariadb> {
  return await startMariadb({ name, parentDir, options: { ...size, "server-id": "2", "skip-slave-start": true } });
}

/** As root through the socket, for several statements at once. Texts and times stay texts. */
export async function connectAsRoot(server: Mariadb): Promise<Connection> {
  return await createConnection({
    ...server.rootConnection,
    multipleStatements: true,
    dateStrings: true,
    supportBigNumbers: true,
    bigNumberStrings: true,
  });
}

/** Runs statements as root without a trace in the binlog. */
export async function prepare(server: Mariadb, statements: readonly string[]): Promise<void> {
  const root = await connectAsRoot(server);
  try {
    await root.query("SET sql_log_bin = 0");
    for (const statement of statements) await root.query(statement);
  } finally {
    await root.end();
  }
}
