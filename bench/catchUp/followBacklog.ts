import { type Mariadb } from "../../local/mariadb";
import { type Backlog } from "../rig/backlog";
import { cpuSeconds, peakMemoryMb, serverPid } from "../rig/processes";
import { type SyncFollower } from "../rig/syncFollower";

export interface Followed {
  /** From the first invocation until nothing is left to do. */
  readonly seconds: number;
  readonly invocations: number;
  /** Ticks that were needed after the last record. */
  readonly settleSeconds: number;
  /** Processor seconds. */
  readonly cpu: { readonly function: number; readonly source: number; readonly target: number };
  readonly peakMemoryMb: number;
}

/** Brings a backlog to the function's first process, then ticks for what it left for later. */
export async function followBacklog(follower: SyncFollower, source: Mariadb, backlog: Backlog): Promise<Followed> {
  const [environment] = follower.processes;
  if (environment === undefined) throw new Error("the function has no process");
  const pids = { function: environment.pid, source: serverPid(source), target: serverPid(follower.target) };
  const before = mapValues(pids, cpuSeconds);
  const startedMs = performance.now();
  const invocations = await follower.deliver(backlog.records);
  const settleSeconds = (await follower.outstanding()) > 0 ? await follower.settle() : 0;
  const seconds = (performance.now() - startedMs) / 1000;
  const cpu = mapValues(pids, (pid, name) => cpuSeconds(pid) - before[name]);
  return { seconds, invocations, settleSeconds, cpu, peakMemoryMb: peakMemoryMb(environment.pid) };
}

function mapValues<K extends string>(given: Readonly<Record<K, number>>, to: (value: number, name: K) => number) {
  const entries = Object.entries(given) as [K, number][];
  return Object.fromEntries(entries.map(([name, value]) => [name, to(value, name)])) as Record<K, number>;
}
