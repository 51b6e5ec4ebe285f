import { setTimeout as delay } from "node:timers/promises";
import type { Route } from "../../../handler/contract/routes";
import { defaultSyncUser } from "../../../handler/contract/environment";
import { SyncError } from "../../../handler/errors";
import { openDatabases } from "../../../handler/sql/sessions";
import { Worker, type Outcome } from "../../../handler/sync/worker";
import { planTrouble, TroubleMaker, type DatabaseSide } from "../../../local/chaos/invocationChaos";
import { forward, startProxy, type Proxy } from "../../../local/function/proxy";
import type { Mariadb } from "../../../local/mariadb";
import type { Random } from "../../../local/random";
import type { Delivery } from "./delivery";

export interface WorkerSettings {
  readonly source: Mariadb;
  readonly target: Mariadb;
  readonly password: string;
  readonly routes: readonly Route[];
  readonly stateDatabase: string;
}

/** A function instance whose connections break between any two of its statements, and which is then made anew. */
export class TroubledWorker {
  readonly #settings: WorkerSettings;
  readonly #random: Random;
  readonly #proxies: Readonly<Record<DatabaseSide, Proxy>>;
  #trouble: TroubleMaker | undefined;
  #worker: Worker;

  static async start(settings: WorkerSettings, random: Random): Promise<TroubledWorker> {
    let decide: (side: DatabaseSide, command: string) => ReturnType<TroubleMaker["decide"]> = () => forward;
    const proxies = {
      SOURCE: await startProxy(settings.source.port, (command) => decide("SOURCE", command)),
      TARGET: await startProxy(settings.target.port, (command) => decide("TARGET", command)),
    };
    const worker = new TroubledWorker(settings, random, proxies);
    decide = (side, command) => worker.#trouble?.decide(side, command) ?? forward;
    return worker;
  }

  private constructor(settings: WorkerSettings, random: Random, proxies: Readonly<Record<DatabaseSide, Proxy>>) {
    this.#settings = settings;
    this.#random = random;
    this.#proxies = proxies;
    this.#worker = this.#newWorker();
  }

  /** Takes records until `over`. What fails is delivered again, to whichever worker comes next. */
  async run(delivery: Delivery, over: () => boolean): Promise<void> {
    while (!over()) {
      const sources = delivery.next();
      if (sources.length === 0 && !this.#random.chance(0.05)) {
        await delay(10);
        continue;
      }
      this.#trouble = new TroubleMaker(planTrouble(this.#random), () => undefined);
      const acknowledged = await this.#invoke(async () => {
        await this.#worker.run(sources, Date.now() + this.#random.below(50), Date.now() + this.#random.below(2_000));
      });
      delivery.done(sources, acknowledged);
    }
    this.#trouble = undefined;
  }

  async tick(): Promise<Outcome> {
    return await this.#worker.run([], Date.now() + 5_000);
  }

  async close(): Promise<void> {
    await this.#worker.close();
    for (const proxy of Object.values(this.#proxies)) proxy.close();
  }

  async #invoke(work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      // Trouble that was asked for, and what follows from it; everything else is a defect.
      if (!(error instanceof SyncError) || error.kind !== "transient" || error.code === "UNEXPECTED") throw error;
      await this.#worker.close();
      this.#worker = this.#newWorker();
      return false;
    }
  }

  #newWorker(): Worker {
    const { routes, stateDatabase, password } = this.#settings;
    const to = (proxy: Proxy) => () =>
      Promise.resolve({ host: "127.0.0.1", port: proxy.port, user: defaultSyncUser, password });
    return new Worker({
      databases: openDatabases({ source: to(this.#proxies.SOURCE), target: to(this.#proxies.TARGET) }),
      routes,
      targetName: "target",
      stateDatabase,
      excludedUsers: new Set(),
      heartbeatUser: undefined,
      verify: { settleMs: 1_000, repair: false },
    });
  }
}
