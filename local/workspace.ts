import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { killGuardedProcesses } from "./guardedProcess";

/** A directory for everything that one run leaves on the disk; it goes when this process ends. */
export interface Workspace {
  readonly path: string;
  remove(): void;
  /** Gives the directory a name that no later run removes, and returns it. */
  keep(): string;
}

const prefix = "audit-sync-";
const keptPrefix = "audit-sync-kept-";

/** A unix socket's path is limited to 103 bytes (macOS); this leaves room for the longest name of a target's folder. */
const longestBase = 20;

function baseDirectory(): string {
  const preferred = tmpdir();
  return Buffer.byteLength(preferred) <= longestBase ? preferred : "/tmp";
}

const live = new Set<Workspace>();

/** The name holds the owner's process id and start time, so that there is no moment at which its owner is not known. */
export function createWorkspace(): Workspace {
  let path = mkdtempSync(join(baseDirectory(), `${prefix}${process.pid}-${startTime(process.pid) ?? "0"}-`));
  const workspace: Workspace = {
    get path() {
      return path;
    },
    remove: () => {
      live.delete(workspace);
      // A server that was killed a moment ago may still be finishing its last file operation.
      rmSync(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
    },
    keep: () => {
      live.delete(workspace);
      const kept = join(baseDirectory(), keptPrefix + path.slice(path.lastIndexOf("-") + 1));
      renameSync(path, kept);
      path = kept;
      return kept;
    },
  };
  if (!process.listeners("exit").includes(removeWorkspaces)) process.once("exit", removeWorkspaces);
  live.add(workspace);
  return workspace;
}

function removeWorkspaces(): void {
  killGuardedProcesses();
  for (const workspace of live) workspace.remove();
}

/** Removes what runs that were killed left behind, and returns the paths. */
export function removeAbandonedWorkspaces(): readonly string[] {
  const base = baseDirectory();
  return readdirSync(base)
    .filter((name) => isAbandoned(base, name))
    .map((name) => {
      const path = join(base, name);
      rmSync(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
      return path;
    });
}

/** Workspaces of this user whose owners live. */
export function runningWorkspaces(): readonly string[] {
  const base = baseDirectory();
  return readdirSync(base)
    .filter((name) => ownerOf(name) === "alive" && isOurs(base, name))
    .map((name) => join(base, name));
}

function isAbandoned(base: string, name: string): boolean {
  return ownerOf(name) === "gone" && isOurs(base, name);
}

/** What has become of the run that made a directory; `undefined`: none did. */
function ownerOf(name: string): "alive" | "gone" | undefined {
  const [, pid, started] = /^audit-sync-(\d+)-(\d+)-\w{6}$/u.exec(name) ?? [];
  if (pid === undefined) return undefined;
  return startTime(Number(pid)) === started ? "alive" : "gone";
}

function isOurs(base: string, name: string): boolean {
  return statSync(join(base, name), { throwIfNoEntry: false })?.uid === process.getuid?.();
}

/**
 * When the process started, in a unit of the system; `undefined` when there is no such process. With the process id it
 * names a process even after the id was given out again.
 */
function startTime(pid: number): string | undefined {
  try {
    return process.platform === "linux" ? ticksAtStart(pid) : secondsAtStart(pid);
  } catch {
    // Both ways fail exactly when there is no such process.
    return undefined;
  }
}

/** proc(5): field 22 of /proc/PID/stat; the second field is the command in parentheses, which may hold anything. */
function ticksAtStart(pid: number): string | undefined {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
}

function secondsAtStart(pid: number): string {
  const started = execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8", env: { LC_ALL: "C" } });
  return String(Date.parse(started) / 1000);
}
