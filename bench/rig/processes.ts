/** What the operating system says about a process. proc(5); elsewhere than on Linux nothing is known. */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Mariadb } from "../../local/mariadb";

/** `sysconf(_SC_CLK_TCK)` is 100 on every Linux that Node runs on. */
const ticksPerSecond = 100;

/** Processor seconds that the process has used so far; 0 where that is not known. */
export function cpuSeconds(pid: number): number {
  const stat = readProc(pid, "stat");
  if (stat === undefined) return 0;
  // The second field is the command in parentheses, which may hold anything.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/** The most memory that the process has had at once, in MB; 0 where that is not known. */
export function peakMemoryMb(pid: number): number {
  const kilobytes = /^VmHWM:\s+(\d+) kB/mu.exec(readProc(pid, "status") ?? "")?.[1];
  return kilobytes === undefined ? 0 : Math.round(Number(kilobytes) / 1024);
}

export function serverPid(server: Mariadb): number {
  return Number(readFileSync(join(dirname(server.dataDir), "pid"), "utf8"));
}

function readProc(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "latin1");
  } catch {
    // Not Linux; the figures then say 0.
    return undefined;
  }
}
