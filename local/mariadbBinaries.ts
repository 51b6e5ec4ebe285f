import { execFileSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

export interface MariadbBinaries {
  readonly server: string;
  readonly installer: string;
  readonly client: string;
}

/** Where servers live on Debian and Homebrew without being on an ordinary user's PATH. */
const systemFolders = ["/usr/local/sbin", "/usr/sbin", "/sbin", "/opt/homebrew/bin", "/usr/local/bin", "/usr/bin"];

export function findExecutable(name: string): string | undefined {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), ...systemFolders];
  return folders
    .filter((folder) => folder !== "")
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

function isExecutable(path: string): boolean {
  return isAccessible(path, constants.X_OK);
}

function isAccessible(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}

/** Names of the parts of MariaDB that are not installed; empty when everything is there. */
export function missingMariadbParts(): readonly string[] {
  const missing = ["mariadbd", "mariadb-install-db", "mariadb"].filter((name) => findExecutable(name) === undefined);
  const server = findExecutable("mariadbd");
  if (server !== undefined && !hasAuditPlugin(server)) missing.push("server_audit.so");
  return missing;
}

/** The plugin directory differs by distribution; only the server knows it. */
function hasAuditPlugin(server: string): boolean {
  const help = execFileSync(server, ["--no-defaults", "--verbose", "--help"], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
    maxBuffer: 16 * 1024 * 1024,
  });
  const directory = /^plugin-dir\s+(\S.*?)\s*$/mu.exec(help)?.[1];
  return directory !== undefined && isAccessible(join(directory, "server_audit.so"), constants.R_OK);
}

/** @throws {Error} naming what is missing; `scripts/ensureMariadb.ts` installs it. */
export function requireMariadb(): MariadbBinaries {
  const need = (name: string): string => {
    const path = findExecutable(name);
    if (path === undefined) throw new Error(`${name} is not installed; npx tsx scripts/ensureMariadb.ts installs it`);
    return path;
  };
  return { server: need("mariadbd"), installer: need("mariadb-install-db"), client: need("mariadb") };
}
