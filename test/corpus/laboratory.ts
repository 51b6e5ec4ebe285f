import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { createConnection, type Connection } from "mysql2/promise";
import { parse } from "yaml";
import { parseTargets, type Route } from "../../handler/contract/routes";
import type { LogSource } from "../../handler/log/event";
import { openDatabases } from "../../handler/sql/sessions";
import { Worker, type Outcome } from "../../handler/sync/worker";
import { compareTarget } from "../../local/compare/compare";
import { createSourceUsers, createTargetUsers, makePasswords, type RunPasswords } from "../../local/databaseUsers";
import { startMariadb, type Mariadb } from "../../local/mariadb";
import { createRandom, type Random } from "../../local/random";
import { AuditTail } from "../../local/shipping/auditTail";
import { dialectNames, type AuditLine, type DialectName } from "../../local/shipping/dialect";
import { makeDialect } from "../../local/shipping/dialects";
import { compress, EventIds, makeEnvelopes } from "../../local/shipping/envelope";
import { parsePluginLine } from "../../local/shipping/pluginLine";
import { SourceWatch } from "../../local/sourceWatch";
import { createWorkspace, type Workspace } from "../../local/workspace";
import { asRoot, databaseOf, expectNoErrors, prepare, readSql, runHazardFile } from "./hazardFiles";
import type { Hazard } from "./hazards";

/** What one hazard came to at the target that follows one dialect. */
export interface Result {
  readonly dialect: DialectName;
  /** Touches that waited for transactions after the first delivery. */
  readonly waiting: number;
  readonly stoppedBefore: readonly string[];
  readonly stoppedAfter: readonly string[];
  readonly differences: readonly string[];
  readonly dead: number;
}

/** What happened at the source. */
export interface Work {
  /** What the server said about statements that failed. */
  readonly errors: readonly string[];
  readonly lines: readonly AuditLine[];
  /** The connection of `open.sql`, while it is open. */
  readonly held: Connection | undefined;
}

interface Follower {
  readonly dialect: DialectName;
  readonly worker: Worker;
}

const prefixes: Readonly<Record<DialectName, string>> = { mariadb: "m_", aurora: "a_", "rds-mysql": "r_" };

/** One source and one target server for some hazards; each dialect's log is followed into databases of its own. */
export class Laboratory {
  readonly #source: Mariadb;
  readonly #target: Mariadb;
  readonly #watch: SourceWatch;
  readonly #workspace: Workspace;
  readonly #followers: readonly Follower[];

  /** Of hazards with the same options of servers. */
  static async open(hazards: readonly Hazard[]): Promise<Laboratory> {
    const workspace = createWorkspace();
    const parentDir = workspace.path;
    const options = hazards[0]?.servers;
    const [source, target] = await Promise.all([
      startMariadb({
        name: "source",
        parentDir,
        audit: true,
        options: { "event-scheduler": "ON", ...options?.source },
      }),
      startMariadb({ name: "target", parentDir, options: { ...options?.target } }),
    ]);
    const passwords = makePasswords();
    await asRoot(source, async (root) => {
      await createSourceUsers(root, [], passwords);
      await root.query("GRANT ALL ON *.* TO audit_sync@'%'");
    });
    await asRoot(target, async (root) => {
      await createTargetUsers(root, [], passwords);
      await root.query("GRANT ALL ON *.* TO audit_sync@'%'");
    });
    try {
      for (const hazard of hazards) await prepare(source, target, workspace, hazard, Object.values(prefixes));
    } catch (error) {
      await Promise.all([source.remove(), target.remove()]);
      throw error;
    }
    const followers = dialectNames.map((dialect) => ({
      dialect,
      worker: newWorker(source, target, passwords, hazards, dialect),
    }));
    await Promise.all(followers.map(({ worker }) => settle(worker)));
    return new Laboratory({
      source,
      target,
      workspace,
      followers,
      watch: await SourceWatch.open(source, passwords.observer),
    });
  }

  private constructor(parts: {
    source: Mariadb;
    target: Mariadb;
    workspace: Workspace;
    followers: readonly Follower[];
    watch: SourceWatch;
  }) {
    this.#source = parts.source;
    this.#target = parts.target;
    this.#workspace = parts.workspace;
    this.#followers = parts.followers;
    this.#watch = parts.watch;
  }

  async close(): Promise<void> {
    for (const { worker } of this.#followers) await worker.close();
    await this.#watch.close();
    await Promise.all([this.#source.remove(), this.#target.remove()]);
    this.#workspace.remove();
  }

  async work(hazard: Hazard): Promise<Work> {
    let held: Connection | undefined;
    let runs: readonly (readonly string[])[] = [];
    const lines = await this.#record(async () => {
      if (existsSync(join(hazard.folder, "open.sql"))) held = await this.#hold(hazard);
      runs = await Promise.all(
        hazard.workloads.map((file) => runHazardFile(this.#source, this.#workspace, hazard, file, databaseOf(hazard))),
      );
    });
    return { errors: runs.flat(), lines, held };
  }

  /** Brings the lines to every follower in an order that the seed decides, and those of `close.sql` after them. */
  async follow(hazard: Hazard, work: Pick<Work, "lines" | "held"> & { seed: string }): Promise<readonly Result[]> {
    const { lines, held, seed } = work;
    const first = await this.#deliver(lines, seed);
    const rest = held === undefined ? [] : await this.#release(hazard, held);
    const last = rest.length === 0 ? first : await this.#deliver(rest, seed);
    return await Promise.all(
      this.#followers.map(async ({ dialect, worker }, index) => {
        const own = (outcome: Outcome | undefined): readonly string[] =>
          (outcome?.stopped ?? []).filter((text) => text.includes(databaseOf(hazard)));
        if (existsSync(join(hazard.folder, "target-after.sql"))) {
          await this.#atTarget(hazard, dialect, "target-after.sql");
        }
        const settled = await settle(worker);
        const tables = await compareTarget(this.#source, this.#target, routesOf(hazard, dialect));
        return {
          dialect,
          waiting: first[index]?.pending.count ?? 0,
          stoppedBefore: [...new Set([...own(first[index]), ...own(last[index])])],
          stoppedAfter: own(settled),
          differences: tables.filter(({ differences }) => differences > 0).map((table) => JSON.stringify(table)),
          dead: await this.#dead(hazard, dialect),
        };
      }),
    );
  }

  /** The lines that something leaves in the log. */
  async #record(happens: () => Promise<void>): Promise<readonly AuditLine[]> {
    const tail = new AuditTail(this.#source.auditFile, statSync(this.#source.auditFile).size);
    await happens();
    while (!(await this.#watch.isQuiet())) await delay(20);
    const lines: AuditLine[] = [];
    for (let read = tail.read(); read !== undefined; read = tail.read()) {
      for (const raw of read) lines.push({ raw, parsed: parsePluginLine(raw), seenMs: Date.now() });
    }
    tail.close();
    return lines;
  }

  async #hold(hazard: Hazard): Promise<Connection> {
    const held = await createConnection({
      ...this.#source.rootConnection,
      database: databaseOf(hazard),
      multipleStatements: true,
    });
    await held.query(readSql(hazard, "open.sql"));
    return held;
  }

  async #release(hazard: Hazard, held: Connection): Promise<readonly AuditLine[]> {
    return await this.#record(async () => {
      if (existsSync(join(hazard.folder, "close.sql"))) await held.query(readSql(hazard, "close.sql"));
      await held.end();
    });
  }

  /** The last outcome of each follower. */
  async #deliver(lines: readonly AuditLine[], seed: string): Promise<readonly (Outcome | undefined)[]> {
    return await Promise.all(
      this.#followers.map(async ({ dialect, worker }) => {
        let outcome: Outcome | undefined;
        const random = createRandom(seed, dialect);
        for (const sources of deliveries(dialect, lines, random)) outcome = await worker.run(sources, Date.now());
        return outcome;
      }),
    );
  }

  async #atTarget(hazard: Hazard, dialect: DialectName, file: string): Promise<void> {
    const database = prefixes[dialect] + databaseOf(hazard);
    expectNoErrors(await runHazardFile(this.#target, this.#workspace, hazard, file, database));
  }

  async #dead(hazard: Hazard, dialect: DialectName): Promise<number> {
    const [rows] = await asRoot(this.#target, (root) =>
      root.query(`SELECT COUNT(*) AS count FROM ${stateOf(dialect)}.dead WHERE route LIKE ?`, [
        `${prefixes[dialect]}${databaseOf(hazard)}.%`,
      ]),
    );
    return (rows as { count: number }[])[0]?.count ?? 0;
  }
}

/** The lines in three parts, shuffled, and some of them once more. */
function deliveries(
  dialect: DialectName,
  lines: readonly AuditLine[],
  random: Random,
): readonly (readonly LogSource[])[] {
  const engine = makeDialect(dialect, random);
  const everyone = { has: () => true };
  const accepted = [...engine.accept(lines, everyone), ...engine.accept([], everyone)];
  const shuffled = random.shuffled([...accepted, ...accepted.filter(() => random.chance(0.2))]);
  const part = Math.ceil(shuffled.length / 3);
  const ids = new EventIds();
  return [0, 1, 2].map((index) =>
    makeEnvelopes(engine.logGroup, shuffled.slice(index * part, (index + 1) * part), ids).map((envelope) => ({
      sequenceNumber: String(index),
      data: compress(envelope).toString("base64"),
    })),
  );
}

function newWorker(
  source: Mariadb,
  target: Mariadb,
  { sync }: RunPasswords,
  hazards: readonly Hazard[],
  dialect: DialectName,
): Worker {
  const to =
    ({ port }: Mariadb) =>
    () =>
      Promise.resolve({ host: "127.0.0.1", port, user: "audit_sync", password: sync });
  return new Worker({
    databases: openDatabases({ source: to(source), target: to(target) }),
    routes: hazards.flatMap((hazard) => routesOf(hazard, dialect)),
    targetName: dialect,
    stateDatabase: stateOf(dialect),
    excludedUsers: new Set(),
    heartbeatUser: undefined,
    verify: { settleMs: 1_000, repair: false },
  });
}

function stateOf(dialect: DialectName): string {
  return `${prefixes[dialect]}state`;
}

/** The hazard's routes, into the databases of one dialect. */
function routesOf(hazard: Hazard, dialect: DialectName): readonly Route[] {
  const file = join(hazard.folder, "routes.yaml");
  const database = databaseOf(hazard);
  const raw: unknown = existsSync(file)
    ? parse(readFileSync(file, "utf8").replaceAll("DB", database))
    : [{ source: `${database}.*` }];
  const [parsed] = parseTargets([{ name: "target", routes: raw }]);
  return (parsed?.routes ?? []).map((route) => ({
    ...route,
    target: { ...route.target, database: prefixes[dialect] + route.target.database },
  }));
}

/** Ticks until nothing is left to do. */
async function settle(worker: Worker): Promise<Outcome> {
  for (;;) {
    const outcome = await worker.run([], Date.now() + 5_000);
    if (outcome.pending.count === 0 && outcome.jobs === 0) return outcome;
  }
}
