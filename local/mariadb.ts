import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { defaultSyncUser } from "../handler/contract/environment";
import { observerUser } from "./databaseUsers";
import { type GuardedProcess } from "./guardedProcess";
import { requireMariadb } from "./mariadbBinaries";
import { installDatabase, runAsRoot, startOnFreePort, startServer } from "./mariadbStart";
import { createWorkspace } from "./workspace";

export interface MariadbSettings {
  /** Names the server's folder; short, for it is part of a socket's path. */
  readonly name: string;
  /** Default: a temporary directory that goes with the server. */
  readonly parentDir?: string;
  /** Server options without the leading dashes, on top of {@link serverOptions}. */
  readonly options?: Readonly<Record<string, string | true>>;
  /** Switch the audit log on. Default: false. */
  readonly audit?: boolean;
}

/** A private MariaDB server: on 127.0.0.1 at a free port, and on a socket that only this user can reach. */
export interface Mariadb {
  readonly name: string;
  readonly port: number;
  readonly socket: string;
  readonly dataDir: string;
  /** Exists with `audit` only. */
  readonly auditFile: string;
  /** For mysql2. Root has no password but can only come through the socket. */
  readonly rootConnection: { readonly socketPath: string; readonly user: "root" };
  readonly running: boolean;
  /** Shuts it down in good order; its files stay. */
  stop(): Promise<void>;
  /** Ends it as a crash would; its files stay. */
  kill(): Promise<void>;
  /** Starts it again on the same port and data, after stopping it when it runs. */
  restart(): Promise<void>;
  /** Ends it and deletes its files. */
  remove(): Promise<void>;
}

/** The sync's own statements are not followed, nor what the local pipeline looks at. */
const excludedUsers = [defaultSyncUser, observerUser];

const shutdownTimeoutMs = 30_000;

export async function startMariadb(settings: MariadbSettings): Promise<Mariadb> {
  const binaries = requireMariadb();
  const own = settings.parentDir === undefined ? createWorkspace() : undefined;
  const folder = join(settings.parentDir ?? own?.path ?? "", settings.name);
  const socket = join(folder, "socket");
  if (Buffer.byteLength(socket) > 103) throw new Error(`${socket} is too long for a socket; use a shorter parentDir`);
  const dataDir = join(folder, "data");
  const auditFile = join(dataDir, "server_audit.log");
  mkdirSync(join(folder, "tmp"), { recursive: true, mode: 0o700 });
  await installDatabase(binaries.installer, folder, dataDir);

  const command = {
    server: binaries.server,
    socket,
    errorLog: join(folder, "error.log"),
    args: [
      ...runAsRoot(),
      ...toArguments(serverOptions(folder)),
      ...toArguments(settings.audit === true ? auditOptions(auditFile) : {}),
      ...toArguments(settings.options ?? {}),
    ],
  };
  const started = await startOnFreePort(command);
  let server = started.server;

  const end = async (signal: () => void): Promise<void> => {
    signal();
    await server.exited;
  };
  const mariadb: Mariadb = {
    name: settings.name,
    port: started.port,
    socket,
    dataDir,
    auditFile,
    rootConnection: { socketPath: socket, user: "root" },
    get running() {
      return server.running;
    },
    stop: () =>
      end(() => {
        shutDown(server);
      }),
    kill: () =>
      end(() => {
        server.kill();
      }),
    restart: async () => {
      await mariadb.stop();
      server = await startServer(command, started.port);
    },
    remove: async () => {
      await mariadb.kill();
      if (own === undefined) rmSync(folder, { recursive: true, force: true });
      else own.remove();
    },
  };
  return mariadb;
}

function shutDown(server: GuardedProcess): void {
  server.signal("SIGTERM");
  const timer = setTimeout(() => {
    server.kill();
  }, shutdownTimeoutMs);
  void server.exited.then(() => {
    clearTimeout(timer);
  });
}

/** A later option wins over an earlier one, so the caller's come last. */
function toArguments(options: Readonly<Record<string, string | true>>): readonly string[] {
  return Object.entries(options).map(([name, value]) => (value === true ? `--${name}` : `--${name}=${value}`));
}

/** What an ordinary server would have, and what makes a throwaway one start quickly. */
function serverOptions(folder: string): Readonly<Record<string, string>> {
  return {
    datadir: join(folder, "data"),
    tmpdir: join(folder, "tmp"),
    socket: join(folder, "socket"),
    "pid-file": join(folder, "pid"),
    "bind-address": "127.0.0.1",
    "skip-name-resolve": "ON",
    "character-set-server": "utf8mb4",
    "collation-server": "utf8mb4_general_ci",
    "max-allowed-packet": "64M",
    "performance-schema": "OFF",
    "innodb-buffer-pool-size": "64M",
    "innodb-log-file-size": "16M",
    // A commit survives the end of the process (chaos kills servers) though not a power cut.
    "innodb-flush-log-at-trx-commit": "2",
    "innodb-flush-method": "nosync",
  };
}

/** Everything is logged, as the sub-classes of QUERY miss statements (a leading comment, WITH, XA). */
function auditOptions(auditFile: string): Readonly<Record<string, string>> {
  return {
    "plugin-load-add": "server_audit",
    "server-audit-logging": "ON",
    "server-audit-events": "CONNECT,QUERY,TABLE",
    "server-audit-excl-users": excludedUsers.join(","),
    "server-audit-file-path": auditFile,
    "server-audit-file-rotate-size": "1000000000",
    "server-audit-query-log-limit": "2147483647",
  };
}
