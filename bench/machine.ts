import { execFileSync } from "node:child_process";
import { cpus, loadavg, totalmem, type } from "node:os";
import { requireMariadb } from "../local/mariadbBinaries";

/** What the numbers were measured on. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly system: string;
  readonly node: string;
  readonly mariadb: string;
  /** Processes that wanted a core in the minute before the run: more than a few tenths means that numbers are noisy. */
  readonly load: number;
}

export function describeMachine(): Machine {
  const processors = cpus();
  const version = execFileSync(requireMariadb().server, ["--no-defaults", "--version"], { encoding: "utf8" });
  return {
    processor: processors[0]?.model.trim() ?? "unknown",
    cores: processors.length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: type(),
    node: process.version,
    mariadb: /Ver (\S+)/u.exec(version)?.[1] ?? version.trim(),
    load: Number((loadavg()[0] ?? 0).toFixed(2)),
  };
}
