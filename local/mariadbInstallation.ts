import { spawnSync } from "node:child_process";
import { findExecutable, missingMariadbParts } from "./mariadbBinaries";

interface Installer {
  readonly tool: string;
  readonly asRoot: boolean;
  readonly commands: readonly (readonly string[])[];
}

const noQuestions = ["env", "DEBIAN_FRONTEND=noninteractive"];

/** What the installation asks of this machine, and does to it. */
export interface Machine {
  /** Names of the parts of MariaDB that are not there. */
  missing(): readonly string[];
  has(tool: string): boolean;
  readonly isRoot: boolean;
  /** Runs a command; returns its last line, which is where package managers put the reason of a failure. */
  run(command: readonly string[]): string;
}

const thisMachine: Machine = {
  missing: missingMariadbParts,
  has: (tool) => findExecutable(tool) !== undefined,
  isRoot: process.getuid?.() === 0,
  run,
};

/** The first one that this machine has is used. Only the last command has to succeed: a stale index may do as well. */
const installers: readonly Installer[] = [
  {
    tool: "apt-get",
    asRoot: true,
    commands: [
      ["apt-get", "update", "-qq", "-o", "DPkg::Lock::Timeout=120"],
      [...noQuestions, "apt-get", "install", "-y", "-qq", "-o", "DPkg::Lock::Timeout=120", "mariadb-server"],
    ],
  },
  { tool: "brew", asRoot: false, commands: [["brew", "install", "--quiet", "mariadb"]] },
];

/**
 * Installs MariaDB when a part of it is missing. What it has to say goes to `say`, one line each: standard output belongs
 * to the command that needs the server.
 *
 * @returns false when something is still missing; a line then says what to do.
 */
export function ensureMariadb(say: (line: string) => void, machine = thisMachine): boolean {
  const missing = machine.missing();
  if (missing.length === 0) return true;
  const found = `MariaDB is not complete (missing: ${missing.join(", ")})`;
  const installer = installers.find(({ tool }) => machine.has(tool));
  const elevate = installer?.asRoot === true && !machine.isRoot ? ["sudo"] : [];
  if (installer === undefined || (elevate.length > 0 && !machine.has("sudo"))) {
    say(`${found}. Install the MariaDB server, 10.6 or later, with its server_audit plugin and run this again.`);
    return false;
  }
  say(`${found}: installing it with ${installer.tool}, which takes a minute.`);
  const output = installer.commands.map((command) => machine.run([...elevate, ...command])).at(-1);
  const still = machine.missing();
  if (still.length === 0) return true;
  say(`${still.join(", ")} still missing after ${installer.tool}. Install MariaDB by hand. It said: ${output ?? ""}`);
  return false;
}

function run([command = "", ...args]: readonly string[]): string {
  const { stdout, stderr, error } = spawnSync(command, args, { encoding: "utf8", stdio: ["inherit", "pipe", "pipe"] });
  return error?.message ?? `${stdout}${stderr}`.trimEnd().split("\n").at(-1) ?? "";
}
