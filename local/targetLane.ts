import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { type HandlerBundle } from "../infra/handlerBundle";
import { planTrouble } from "./chaos/invocationChaos";
import { startTroubledProcess } from "./chaos/troubledProcess";
import { keepFailure } from "./function/failures";
import { kinesisEvent } from "./function/kinesisEvent";
import { writeFunction } from "./function/bundle";
import { environmentVariables, type Passwords, type Ports } from "./function/environmentVariables";
import { type ExecutionEnvironment, startFunctionProcess } from "./function/functionProcess";
import { parseMetricLine, TargetMetrics } from "./function/metrics";
import { SyncFunction } from "./function/syncFunction";
import { type Mariadb } from "./mariadb";
import { ShardConsumer } from "./polling/consumer";
import { type Random } from "./random";
import { type Stream } from "./stream/kinesis";
import { type ShardLog } from "./stream/shardLog";
import { type LocalTarget } from "./targets";
import { Ticker } from "./ticker";

/** As deployed by default. */
const memoryMb = 512;
const timeoutMs = 120_000;

export interface LaneParts {
  readonly target: LocalTarget;
  readonly server: Mariadb;
  readonly source: Mariadb;
  readonly folder: string;
  readonly bundle: HandlerBundle;
  readonly passwords: Passwords;
  readonly stream: Stream;
  readonly logs: readonly ShardLog[];
  /** Decides about trouble; `undefined`: there is none. */
  readonly chaos: Random | undefined;
}

/** Everything that belongs to one target: its server, its function, its consumer of the stream, its schedule. */
export class TargetLane {
  readonly target: LocalTarget;
  readonly server: Mariadb;
  readonly function: SyncFunction;
  readonly consumers: readonly ShardConsumer[];
  readonly ticker: Ticker;
  /** Folder with what was given up, as Lambda writes it to its failure destination. */
  readonly failures: string;
  readonly metrics = new TargetMetrics();
  #retries = 0;
  #givenUp = 0;
  #lastProblem: string | undefined;

  constructor(parts: LaneParts) {
    const { target, server, folder, bundle } = parts;
    this.target = target;
    this.server = server;
    this.failures = join(folder, "failures");
    const { name, routes } = target.raw;
    writeFunction(folder, bundle, { environment: "local", target: { name, routes } });
    const onLine = (line: string): void => {
      this.#hear(line, join(folder, "function.log"));
    };
    this.function = new SyncFunction(starter(parts, onLine), (error) => {
      onLine(error.message);
    });
    this.ticker = new Ticker(this.function);
    this.consumers = parts.logs.map(
      (log) =>
        new ShardConsumer(log, this.function, parts.stream, {
          retried: () => {
            this.#retries += 1;
          },
          gaveUp: (records) => {
            this.#givenUp += records.length;
            keepFailure(this.failures, kinesisEvent(records, parts.stream));
          },
        }),
    );
  }

  get name(): string {
    return this.target.raw.name;
  }

  /** Batches that were invoked again. */
  get retries(): number {
    return this.#retries;
  }

  /** Stream records that ended in the failure destination. */
  get givenUp(): number {
    return this.#givenUp;
  }

  /** Stream records that are done with. */
  get acknowledged(): number {
    return this.consumers.reduce((sum, consumer) => sum + consumer.acknowledged, 0);
  }

  /** What the function said last that was not a metric. */
  get lastProblem(): string | undefined {
    return this.#lastProblem;
  }

  #hear(line: string, logFile: string): void {
    const metrics = parseMetricLine(line);
    if (metrics !== undefined) {
      this.metrics.add(metrics);
      return;
    }
    this.#lastProblem = line;
    appendFileSync(logFile, `${line}\n`);
  }
}

/** How the function's execution environments begin: with the databases' own ports, or behind proxies that make trouble. */
function starter(parts: LaneParts, onLine: (line: string) => void): () => Promise<ExecutionEnvironment> {
  const { target, folder, passwords, chaos } = parts;
  const direct: Ports = { SOURCE: parts.source.port, TARGET: parts.server.port, HEARTBEAT: parts.source.port };
  const start = (ports: Ports): Promise<ExecutionEnvironment> =>
    startFunctionProcess({
      folder,
      variables: environmentVariables(`audit-sync-local-${target.raw.name}`, memoryMb, ports, passwords),
      timeoutMs,
      memoryMb,
      onLine,
    });
  if (chaos === undefined) return () => start(direct);
  return () =>
    startTroubledProcess(
      direct,
      () => planTrouble(chaos),
      (proxied) => start({ ...direct, ...proxied }),
    );
}
