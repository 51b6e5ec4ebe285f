/** MariaDB's own row-based replication: the replica reads the source's binlog and applies it in one thread. */
import { type Mariadb } from "../../local/mariadb";
import { textRows } from "../../local/textRows";
import { type BinlogRange } from "../rig/backlog";
import { connectAsRoot } from "../rig/servers";

const replicationUser = "replication";
const password = "replication";
const timeoutSeconds = 900;

export async function createReplicationUser(source: Mariadb): Promise<void> {
  const root = await connectAsRoot(source);
  await root.query(
    `SET sql_log_bin = 0; CREATE OR REPLACE USER ${replicationUser}@'%' IDENTIFIED BY '${password}';
     GRANT REPLICATION SLAVE, REPLICATION CLIENT, SELECT ON *.* TO ${replicationUser}@'%'`,
  );
  await root.end();
}

export function replicationAccount(source: Mariadb): { host: string; port: number; user: string; password: string } {
  return { host: "127.0.0.1", port: source.port, user: replicationUser, password };
}

/** Replays a part of the source's binlog at the replica. Returns seconds from START SLAVE to the last event. */
export async function replicate(source: Mariadb, replica: Mariadb, range: BinlogRange): Promise<number> {
  const root = await connectAsRoot(replica);
  try {
    const { host, port, user } = replicationAccount(source);
    await root.query(
      `CHANGE MASTER TO MASTER_HOST = '${host}', MASTER_PORT = ${port}, MASTER_USER = '${user}',
       MASTER_PASSWORD = '${password}', MASTER_LOG_FILE = '${range.file}', MASTER_LOG_POS = ${range.from}`,
    );
    const startedMs = performance.now();
    await root.query(`START SLAVE UNTIL MASTER_LOG_FILE = '${range.file}', MASTER_LOG_POS = ${range.to}`);
    const waited = await textRows(root, `SELECT MASTER_POS_WAIT('${range.file}', ${range.to}, ${timeoutSeconds})`);
    const seconds = (performance.now() - startedMs) / 1000;
    if (!(Number(waited[0]?.[0] ?? NaN) >= 0)) throw new Error(`the replica stopped: ${await lastError(root)}`);
    await root.query("STOP SLAVE");
    return seconds;
  } finally {
    await root.end();
  }
}

async function lastError(root: Awaited<ReturnType<typeof connectAsRoot>>): Promise<string> {
  const [rows] = await root.query("SHOW SLAVE STATUS");
  const [status] = rows as readonly Record<string, string>[];
  return status?.["Last_SQL_Error"] ?? status?.["Last_IO_Error"] ?? "no reason given";
}
