import { closeSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { createConnection } from "mysql2/promise";
import { freePort } from "./freePort";
import { type GuardedProcess, spawnGuarded } from "./guardedProcess";

export interface ServerCommand {
  readonly server: string;
  readonly socket: string;
  readonly errorLog: string;
  readonly args: readonly string[];
}

export interface StartedServer {
  readonly server: GuardedProcess;
  readonly port: number;
}

const startTimeoutMs = 60_000;
const portAttempts = 5;

/** MariaDB refuses to run as root unless it is told to. */
export function runAsRoot(): readonly string[] {
  return process.getuid?.() === 0 ? ["--user=root"] : [];
}

/** Root may come through the socket only, which has no password but a private folder; the other first users go. */
const firstUsers = "DELETE FROM mysql.global_priv WHERE User = '' OR (User = 'root' AND Host <> 'localhost');\n";

export async function installDatabase(installer: string, folder: string, dataDir: string): Promise<void> {
  const usersFile = join(folder, "users.sql");
  writeFileSync(usersFile, firstUsers);
  const log = join(folder, "install.log");
  const installing = await spawnLogged(installer, log, [
    "--no-defaults",
    ...runAsRoot(),
    `--datadir=${dataDir}`,
    `--tmpdir=${join(folder, "tmp")}`,
    `--extra-file=${usersFile}`,
    "--auth-root-authentication-method=normal",
    "--skip-test-db",
    "--innodb-log-file-size=16M",
  ]);
  if ((await installing.exited) !== 0) throw new Error(`mariadb-install-db failed:\n${lastLines(log)}`);
}

/** A free port may be taken by somebody else before the server binds it, so the server has the last word. */
export async function startOnFreePort(command: ServerCommand): Promise<StartedServer> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    try {
      return { server: await startServer(command, port), port };
    } catch (error) {
      if (attempt === portAttempts || !/Address already in use/u.test(lastLines(command.errorLog))) throw error;
    }
  }
}

export async function startServer(command: ServerCommand, port: number): Promise<GuardedProcess> {
  const server = await spawnLogged(command.server, command.errorLog, [
    "--no-defaults",
    ...command.args,
    `--port=${port}`,
  ]);
  const deadline = Date.now() + startTimeoutMs;
  while (server.running && Date.now() < deadline) {
    if (await answers(command.socket)) return server;
    await Promise.race([delay(20), server.exited]);
  }
  server.kill();
  throw new Error(`mariadbd did not start:\n${lastLines(command.errorLog)}`);
}

async function answers(socketPath: string): Promise<boolean> {
  try {
    const connection = await createConnection({ socketPath, user: "root" });
    await connection.end();
    return true;
  } catch {
    // Not yet; when it never does, the caller shows the server's own log.
    return false;
  }
}

async function spawnLogged(command: string, log: string, args: readonly string[]): Promise<GuardedProcess> {
  const file = openSync(log, "w", 0o600);
  try {
    return await spawnGuarded(command, args, { stdout: file, stderr: file });
  } finally {
    closeSync(file);
  }
}

function lastLines(log: string): string {
  return readFileSync(log, "utf8").trimEnd().split("\n").slice(-20).join("\n");
}
