import { statSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { createConnection, type Connection } from "mysql2/promise";
import { compareTarget } from "../../../local/compare/compare";
import { createSourceUsers, createTargetUsers, makePasswords, type RunPasswords } from "../../../local/databaseUsers";
import { startMariadb, type Mariadb } from "../../../local/mariadb";
import { createRandom } from "../../../local/random";
import { AuditTail } from "../../../local/shipping/auditTail";
import type { DialectName } from "../../../local/shipping/dialect";
import { makeDialect } from "../../../local/shipping/dialects";
import { SourceWatch } from "../../../local/sourceWatch";
import { Delivery } from "./delivery";
import { programs, routesOf, tables, targetOnly } from "./schema";
import { TroubledWorker } from "./workers";
import { runLongTransactions, runWorkload } from "./workload";

export interface RunSize {
  readonly connections: number;
  readonly steps: number;
  readonly workers: number;
}

/** A run whose comparisons take longer is one whose last transactions prove less. */
const jobsTimeoutMs = 10_000;

/** A source and a target for many runs, each in databases of its own. */
export class Laboratory {
  readonly #source: Mariadb;
  readonly #target: Mariadb;
  readonly #passwords: RunPasswords;
  readonly #watch: SourceWatch;
  #runs = 0;

  static async open(): Promise<Laboratory> {
    const [source, target] = await Promise.all([
      startMariadb({ name: "source", audit: true }),
      startMariadb({ name: "target" }),
    ]);
    const passwords = makePasswords();
    await asRoot(source, async (root) => {
      await createSourceUsers(root, routesOf("unused"), passwords);
      await root.query("GRANT ALL ON *.* TO audit_sync@'%'");
    });
    await asRoot(target, async (root) => {
      await createTargetUsers(root, routesOf("unused"), passwords);
      await root.query("GRANT ALL ON *.* TO audit_sync@'%'");
    });
    return new Laboratory(source, target, passwords, await SourceWatch.open(source, passwords.observer));
  }

  private constructor(source: Mariadb, target: Mariadb, passwords: RunPasswords, watch: SourceWatch) {
    this.#source = source;
    this.#target = target;
    this.#passwords = passwords;
    this.#watch = watch;
  }

  async close(): Promise<void> {
    await this.#watch.close();
    await Promise.all([this.#source.remove(), this.#target.remove()]);
  }

  /** One run from a seed; returns what differs at the end. */
  async run(seed: string, dialect: DialectName, size: RunSize): Promise<readonly string[]> {
    this.#runs += 1;
    const database = `run${this.#runs}`;
    const stateDatabase = `state${this.#runs}`;
    const random = createRandom(seed, "run");
    await this.#prepare(database, random.chance(0.5));
    const tail = new AuditTail(this.#source.auditFile, statSync(this.#source.auditFile).size);
    const idle = async (): Promise<{ has(id: string): boolean }> => await this.#watch.idleConnections();
    const delivery = new Delivery(tail, makeDialect(dialect, random), createRandom(seed, "delivery"), idle);
    const settings = {
      source: this.#source,
      target: this.#target,
      password: this.#passwords.sync,
      routes: routesOf(database),
      stateDatabase,
    };
    const workers = await Promise.all(
      Array.from({ length: size.workers }, (_, index) =>
        TroubledWorker.start(settings, createRandom(seed, `worker ${index}`)),
      ),
    );
    try {
      await this.#work(seed, { database, stateDatabase }, delivery, workers, size);
      await settle(workers);
      const results = await compareTarget(this.#source, this.#target, settings.routes);
      const dead = await asRoot(
        this.#target,
        async (root) => await root.query(`SELECT reason FROM ${stateDatabase}.dead`),
      );
      return [
        ...results.filter(({ differences }) => differences > 0).map((table) => JSON.stringify(table)),
        ...(dead[0] as { reason: string }[]).map(({ reason }) => reason),
      ];
    } finally {
      await Promise.all(workers.map((worker) => worker.close()));
      tail.close();
      await asRoot(this.#source, async (root) => await root.query(`DROP DATABASE ${database}`));
      for (const name of [database, stateDatabase]) {
        await asRoot(this.#target, async (root) => await root.query(`DROP DATABASE IF EXISTS ${name}`));
      }
    }
  }

  async #work(
    seed: string,
    { database, stateDatabase }: { readonly database: string; readonly stateDatabase: string },
    delivery: Delivery,
    workers: readonly TroubledWorker[],
    size: RunSize,
  ): Promise<void> {
    let worked = false;
    let shipped = false;
    const restarting = this.#restart(createRandom(seed, "restart").chance(0.25), () => worked);
    const workload = runWorkload(this.#source, database, seed, size).then(async () => {
      await restarting;
      await this.#jobsEnded(stateDatabase);
      await runLongTransactions(this.#source, database, seed, size.connections);
      worked = true;
    });
    let quiet = false;
    const shipping = delivery
      .follow(() => quiet)
      .then(() => {
        shipped = true;
      });
    const watching = workload.then(async () => {
      while (!(await this.#watch.isQuiet())) await delay(20);
      quiet = true;
    });
    const over = (): boolean => worked && shipped && delivery.empty;
    await Promise.all([
      workload,
      watching,
      shipping,
      restarting,
      ...workers.map((worker) => worker.run(delivery, over)),
    ]);
  }

  /** Waits until the whole tables that were to be compared have been; workers do so meanwhile. */
  async #jobsEnded(stateDatabase: string): Promise<void> {
    await asRoot(this.#target, async (root) => {
      for (const untilMs = Date.now() + jobsTimeoutMs; Date.now() < untilMs;) {
        const [rows] = await root.query(`SELECT 1 FROM ${stateDatabase}.jobs LIMIT 1`);
        if ((rows as unknown[]).length === 0) return;
        await delay(100);
      }
    });
  }

  /** The target's server crashes and comes back. */
  async #restart(wanted: boolean, over: () => boolean): Promise<void> {
    await delay(700);
    if (!wanted || over()) return;
    await this.#target.kill();
    await this.#target.restart();
  }

  async #prepare(database: string, withOldRows: boolean): Promise<void> {
    for (const server of [this.#source, this.#target]) {
      await asRoot(server, async (root) => {
        await root.query(`CREATE DATABASE ${database}`);
        await root.query(`USE ${database}`);
        for (const sql of tables) await root.query(sql);
        for (const sql of server === this.#source ? programs : targetOnly) await root.query(sql);
        // What a target holds before its routes begin need not be a state that the source ever had.
        if (!withOldRows) return;
        const rows = server === this.#source ? "(1, 1), (2, 2)" : "(2, 5), (9, 9)";
        await root.query(`INSERT INTO shift VALUES ${rows}`);
        await root.query(`INSERT INTO auto (id, a) VALUES ${rows}`);
      });
    }
  }
}

async function settle(workers: readonly TroubledWorker[]): Promise<void> {
  const [worker] = workers;
  if (worker === undefined) throw new Error("there are no workers");
  for (;;) {
    const { pending, jobs, stopped } = await worker.tick();
    if (stopped.length > 0) throw new Error(stopped.join("; "));
    if (pending.count === 0 && jobs === 0) return;
  }
}

async function asRoot<T>(server: Mariadb, work: (root: Connection) => Promise<T>): Promise<T> {
  const root = await createConnection(server.rootConnection);
  try {
    return await work(root);
  } finally {
    await root.end();
  }
}
