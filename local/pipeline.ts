import { statSync } from "node:fs";
import { join } from "node:path";
import { defaultHeartbeatUser, defaultSyncUser } from "../handler/contract/environment";
import { bundleHandler } from "../infra/handlerBundle";
import { type LocalSettings } from "./arguments";
import { BackgroundTasks } from "./backgroundTasks";
import { DeliveryChaos, undisturbed } from "./chaos/deliveryChaos";
import { restartOnce } from "./chaos/restart";
import { makePasswords, observerUser } from "./databaseUsers";
import { drain } from "./drain";
import { pause } from "./pause";
import { createRandom, type Random } from "./random";
import { type Scenario } from "./scenario";
import { type Servers, startServers } from "./servers";
import { AuditTail } from "./shipping/auditTail";
import { makeDialect } from "./shipping/dialects";
import { Shipper } from "./shipping/shipper";
import { StatementCounter } from "./shipping/statementCounter";
import { SourceWatch } from "./sourceWatch";
import { followShard, ShardLog } from "./stream/shardLog";
import { readOutstanding } from "./syncState";
import { TargetLane } from "./targetLane";

interface Parts {
  readonly servers: Servers;
  readonly lanes: readonly TargetLane[];
  readonly shipper: Shipper;
  readonly statements: StatementCounter;
  readonly watch: SourceWatch;
  readonly tail: AuditTail;
  readonly logs: readonly ShardLog[];
}

/** Randomness for a purpose; `undefined` without chaos. */
type ChaosRandom = (purpose: string) => Random | undefined;

/** The whole path on one machine, from the source's audit log to the targets. */
export class Pipeline {
  readonly servers: Servers;
  readonly lanes: readonly TargetLane[];
  readonly shipper: Shipper;
  readonly statements: StatementCounter;
  readonly #parts: Parts;
  readonly #tasks = new BackgroundTasks();
  readonly #restarts: readonly Promise<void>[];
  #workIsOver = false;

  private constructor(parts: Parts, chaos: ChaosRandom) {
    this.#parts = parts;
    this.servers = parts.servers;
    this.lanes = parts.lanes;
    this.shipper = parts.shipper;
    this.statements = parts.statements;
    this.#startTasks();
    this.#restarts = this.lanes.flatMap((lane) => {
      const random = chaos(`restart ${lane.name}`);
      return random === undefined ? [] : [this.#restartOnce(lane, random)];
    });
  }

  /** Starts the servers and everything between them; the log is followed from here on. */
  static async start(settings: LocalSettings, scenario: Scenario, folder: string): Promise<Pipeline> {
    const passwords = makePasswords();
    const chaos: ChaosRandom = (purpose) =>
      settings.chaos === undefined ? undefined : createRandom(settings.chaos, purpose);
    const servers = await startServers(settings, scenario, folder, passwords);
    const { source, stream } = servers;
    const watch = await SourceWatch.open(source, passwords.observer);
    const tail = new AuditTail(source.auditFile, statSync(source.auditFile).size);
    const logs = stream.shardIds.map((shardId) => new ShardLog(shardId));
    const bundle = bundleHandler();
    const lanes = servers.targets.map(
      (target) =>
        new TargetLane({
          target,
          server: target.server,
          source,
          folder: join(folder, `function-${target.raw.name}`),
          bundle,
          passwords,
          stream,
          logs,
          chaos: chaos(`invocations ${target.raw.name}`),
        }),
    );
    const statements = new StatementCounter([defaultSyncUser, defaultHeartbeatUser, observerUser]);
    const delivery = chaos("delivery");
    const random = createRandom(settings.chaos ?? "", "log streams");
    const shipper = new Shipper({
      tail,
      dialect: makeDialect(settings.dialect, random),
      delivery: delivery === undefined ? undisturbed : new DeliveryChaos(delivery),
      stream,
      random,
      idleConnections: () => watch.idleConnections(),
      statements,
    });
    return new Pipeline({ servers, lanes, shipper, statements, watch, tail, logs }, chaos);
  }

  /** Waits for `work`, unless a part of the pipeline fails meanwhile. */
  async during<T>(work: Promise<T>): Promise<T> {
    return await Promise.race([work, this.#tasks.failure]);
  }

  /** Waits until every target has everything; returns what is missing when the time is over. */
  async settle(timeoutMs: number): Promise<readonly string[]> {
    this.#workIsOver = true;
    await Promise.all(this.#restarts);
    const targets = this.lanes.map((lane) => ({
      name: lane.name,
      consumers: lane.consumers,
      ticker: lane.ticker,
      outstanding: () => readOutstanding(lane.server),
    }));
    return await drain(this.#parts.watch, this.shipper, targets, timeoutMs);
  }

  /** Ends everything but the database servers. */
  async stop(): Promise<void> {
    await this.#tasks.stop();
    await Promise.all(this.lanes.map((lane) => lane.function.close()));
    await this.servers.stream.stop();
    await this.#parts.watch.close();
    this.#parts.tail.close();
  }

  #startTasks(): void {
    const { logs, shipper, servers } = this.#parts;
    this.#tasks.start((stop) => shipper.run(stop));
    for (const log of logs) this.#tasks.start((stop) => followShard(servers.stream, log, stop));
    for (const { consumers, ticker } of this.lanes) {
      for (const consumer of consumers) this.#tasks.start((stop) => consumer.run(stop));
      this.#tasks.start((stop) => ticker.run(stop));
    }
    this.#tasks.start((stop) => this.#forgetAcknowledged(stop));
  }

  /** Records that every consumer is done with need no memory. */
  async #forgetAcknowledged(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      await pause(1000, stop);
      for (const log of this.#parts.logs) {
        const consumers = this.lanes.flatMap((lane) => lane.consumers.filter(({ shardId }) => shardId === log.shardId));
        log.forget(Math.min(...consumers.map(({ acknowledged }) => acknowledged)));
      }
    }
  }

  async #restartOnce(lane: TargetLane, random: Random): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#tasks.start(async (stop) => {
        const progress = { acknowledged: () => lane.acknowledged, workIsOver: () => this.#workIsOver };
        await restartOnce(lane.server, random, progress, stop);
        resolve();
      });
    });
  }
}
