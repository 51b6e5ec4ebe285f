/** A target that the bundled function keeps in step, driven by hand: one process, one batch after the other. */
import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { type BundledConfig } from "../../handler/contract/environment";
import { parseTargets } from "../../handler/contract/routes";
import { bundleHandler } from "../../infra/handlerBundle";
import { createSourceUsers, createTargetUsers, makePasswords, type RunPasswords } from "../../local/databaseUsers";
import { writeFunction } from "../../local/function/bundle";
import { environmentVariables } from "../../local/function/environmentVariables";
import { type ExecutionEnvironment, startFunctionProcess } from "../../local/function/functionProcess";
import { kinesisEvent } from "../../local/function/kinesisEvent";
import { parseMetricLine, TargetMetrics } from "../../local/function/metrics";
import { type Mariadb } from "../../local/mariadb";
import { fittingRecords } from "../../local/polling/batches";
import { type StreamRecord } from "../../local/stream/kinesis";
import { readOutstanding } from "../../local/syncState";
import { asRoot } from "../../local/targets";

/** As deployed by default; see infra/settingKeys.ts. */
const defaultMemoryMb = 512;
const batchSize = 500;
const timeoutMs = 600_000;

export interface FollowerSettings {
  readonly source: Mariadb;
  readonly target: Mariadb;
  /** As in a stack file: `shop.*`. */
  readonly route: string;
  /** For the function's files. */
  readonly folder: string;
  readonly profiles?: string | undefined;
  /** Default: as deployed. */
  readonly memoryMb?: number;
}

export class SyncFollower {
  readonly target: Mariadb;
  readonly metrics = new TargetMetrics();
  readonly #settings: FollowerSettings;
  readonly #passwords: RunPasswords;
  readonly #processes: ExecutionEnvironment[] = [];
  #lastProblem = "";

  private constructor(settings: FollowerSettings, passwords: RunPasswords) {
    this.#settings = settings;
    this.#passwords = passwords;
    this.target = settings.target;
  }

  /** Makes the sync's users and the function, and starts one process of it. The tables must exist on both sides. */
  static async start(settings: FollowerSettings): Promise<SyncFollower> {
    const passwords = makePasswords();
    const target = { name: "bench", routes: [{ source: settings.route }] };
    const routes = parseTargets([target]).flatMap((parsed) => parsed.routes);
    await asRoot(settings.source, (root) => createSourceUsers(root, routes, passwords));
    await asRoot(settings.target, (root) => createTargetUsers(root, routes, passwords));
    const config: BundledConfig = { environment: "bench", target };
    writeFunction(settings.folder, bundleHandler(), config);
    const follower = new SyncFollower(settings, passwords);
    await follower.addProcess();
    return follower;
  }

  /** Another execution environment, as Lambda starts one for each shard. */
  async addProcess(): Promise<ExecutionEnvironment> {
    const { source, target, folder, profiles, memoryMb = defaultMemoryMb } = this.#settings;
    const ports = { SOURCE: source.port, TARGET: target.port, HEARTBEAT: source.port };
    const variables = environmentVariables("audit-sync-bench", memoryMb, ports, this.#passwords);
    const started = await startFunctionProcess({
      folder,
      variables: profiles === undefined ? variables : { ...variables, NODE_OPTIONS: profiling(profiles) },
      timeoutMs,
      memoryMb,
      onLine: (line) => {
        this.#hear(line);
      },
    });
    this.#processes.push(started);
    return started;
  }

  /** Ends all processes and starts a fresh one. */
  async renewProcess(): Promise<void> {
    await this.close();
    await this.addProcess();
  }

  get processes(): readonly ExecutionEnvironment[] {
    return this.#processes;
  }

  /** Ticks until nothing is left to do: routes are started, backfills and other jobs are over. Returns seconds. */
  async settle(): Promise<number> {
    const startedMs = performance.now();
    for (;;) {
      await this.#invoke(this.#first(), { action: "tick" });
      const left = await readOutstanding(this.target);
      if (left?.dead !== 0)
        throw new Error(`the function set ${left?.dead ?? "?"} entries aside: ${this.#lastProblem}`);
      if (left.jobs === 0 && left.pending === 0) return (performance.now() - startedMs) / 1000;
    }
  }

  /** Brings records to the function as an event source mapping does for one shard. Returns the number of invocations. */
  async deliver(records: readonly StreamRecord[], environment = this.#first()): Promise<number> {
    let invocations = 0;
    for (let from = 0; from < records.length; invocations++) {
      const waiting = records.slice(from, from + batchSize);
      const batch = waiting.slice(0, fittingRecords(waiting, batchSize));
      await this.#invoke(environment, kinesisEvent(batch, stream));
      from += batch.length;
    }
    return invocations;
  }

  async outstanding(): Promise<number> {
    const left = await readOutstanding(this.target);
    return (left?.jobs ?? 0) + (left?.pending ?? 0);
  }

  async close(): Promise<void> {
    await Promise.all(this.#processes.splice(0).map((started) => started.close()));
  }

  #first(): ExecutionEnvironment {
    const [first] = this.#processes;
    if (first === undefined) throw new Error("the function has no process");
    return first;
  }

  async #invoke(environment: ExecutionEnvironment, event: unknown): Promise<void> {
    const response = (await environment.invoke(event)) as { batchItemFailures: readonly unknown[] };
    if (response.batchItemFailures.length > 0) throw new Error(`the function failed: ${this.#lastProblem}`);
  }

  #hear(line: string): void {
    const values = parseMetricLine(line);
    if (values === undefined) this.#lastProblem = line;
    else this.metrics.add(values);
  }
}

const stream = { arn: "arn:aws:kinesis:us-east-1:000000000000:stream/audit", region: "us-east-1" };

function profiling(folder: string): string {
  mkdirSync(folder, { recursive: true });
  return `--cpu-prof --cpu-prof-dir=${resolve(folder)}`;
}
