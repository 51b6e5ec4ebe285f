import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
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
import { runSqlFile } from "../../local/sqlClient";
import { createWorkspace, type Workspace } from "../../local/workspace";
import type { Hazard } from "./hazards";

/** What one hazard came to at the target that follows one dialect. */
export interface Result {
  readonly dialect: DialectName;
  readonly stoppedBefore: readonly string[];
  readonly stoppedAfter: readonly string[];
  readonly differences: readonly string[];
  readonly dead: number;
}

interface Follower {
  readonly dialect: DialectName;
  readonly worker: Worker;
}

const prefixes: Readonly<Record<DialectName, string>> = { mariadb: "m_", aurora: "a_", "rds-mysql": "r_" };

/** One source and one target server for all hazards; each dialect's log is followed into databases of its own. */
export class Laboratory {
  readonly #source: Mariadb;
  readonly #target: Mariadb;
  readonly #watch: SourceWatch;
  readonly #workspace: Workspace;
  readonly #followers: readonly Follower[];

  static async open(hazards: readonly Hazard[]): Promise<Laboratory> {
    const workspace = createWorkspace();
    const [source, target] = await Promise.all([
      startMariadb({ name: "source", parentDir: workspace.path, audit: true, options: { "event-scheduler": "ON" } }),
      startMariadb({ name: "target", parentDir: workspace.path }),
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
      for (const hazard of hazards) await prepare(source, target, workspace, hazard);
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

  /** Runs a hazard's workload; returns what the server said about statements that failed. */
  async work(hazard: Hazard): Promise<{ errors: readonly string[]; lines: readonly AuditLine[] }> {
    const tail = new AuditTail(this.#source.auditFile, statSync(this.#source.auditFile).size);
    const runs = await Promise.all(
      hazard.workloads.map((file) => runHazardFile(this.#source, this.#workspace, hazard, file, databaseOf(hazard))),
    );
    while (!(await this.#watch.isQuiet())) await delay(20);
    const lines: AuditLine[] = [];
    for (let read = tail.read(); read !== undefined; read = tail.read()) {
      for (const raw of read) lines.push({ raw, parsed: parsePluginLine(raw), seenMs: Date.now() });
    }
    tail.close();
    return { errors: runs.flat(), lines };
  }

  /** Brings the lines to every follower in an order that the seed decides. */
  async follow(hazard: Hazard, lines: readonly AuditLine[], seed: string): Promise<readonly Result[]> {
    return await Promise.all(
      this.#followers.map(async ({ dialect, worker }) => {
        const random = createRandom(seed, dialect);
        let outcome: Outcome | undefined;
        for (const sources of deliveries(dialect, lines, random)) outcome = await worker.run(sources, Date.now());
        const own = (stopped: readonly string[]): readonly string[] =>
          stopped.filter((text) => text.includes(databaseOf(hazard)));
        const stoppedBefore = own(outcome?.stopped ?? []);
        if (existsSync(join(hazard.folder, "target-after.sql"))) {
          await this.#atTarget(hazard, dialect, "target-after.sql");
        }
        const { stopped } = await settle(worker);
        const tables = await compareTarget(this.#source, this.#target, routesOf(hazard, dialect));
        return {
          dialect,
          stoppedBefore,
          stoppedAfter: own(stopped),
          differences: tables.filter(({ differences }) => differences > 0).map((table) => JSON.stringify(table)),
          dead: await this.#dead(hazard, dialect),
        };
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

export function databaseOf({ name }: Hazard): string {
  return `hazard_${name.replaceAll("-", "_")}`;
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

async function prepare(source: Mariadb, target: Mariadb, workspace: Workspace, hazard: Hazard): Promise<void> {
  const database = databaseOf(hazard);
  await asRoot(source, (root) => root.query(`CREATE DATABASE ${database}`));
  expectNoErrors(await runHazardFile(source, workspace, hazard, "schema.sql", database));
  for (const prefix of Object.values(prefixes)) {
    const copy = prefix + database;
    await asRoot(target, (root) => root.query(`CREATE DATABASE ${copy}`));
    expectNoErrors(await runHazardFile(target, workspace, hazard, "schema.sql", copy));
    await asRoot(target, async (root) => {
      const [triggers] = await root.query(
        "SELECT TRIGGER_NAME AS name FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = ?",
        [copy],
      );
      for (const { name } of triggers as { name: string }[]) await root.query(`DROP TRIGGER \`${copy}\`.\`${name}\``);
    });
    if (existsSync(join(hazard.folder, "target.sql"))) {
      expectNoErrors(await runHazardFile(target, workspace, hazard, "target.sql", copy));
    }
  }
}

function expectNoErrors(errors: readonly string[]): void {
  if (errors.length > 0) throw new Error(errors.join("; "));
}

async function runHazardFile(
  server: Mariadb,
  workspace: Workspace,
  hazard: Hazard,
  file: string,
  database: string,
): Promise<readonly string[]> {
  const folder = join(workspace.path, "files");
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${database}-${file}`);
  const dir = join(folder, `${database}-${server.name}`);
  mkdirSync(dir, { recursive: true });
  const sql = readFileSync(join(hazard.folder, file), "utf8")
    .replaceAll(/\bDB\b/gu, database)
    .replaceAll("@DIR@", dir);
  writeFileSync(path, `USE \`${database}\`;\n${sql}`);
  const { errors } = await runSqlFile(server, path, { force: true });
  return errors.map((error) => `${hazard.name}/${file}: ${error}`);
}

/** Ticks until nothing is left to do. */
async function settle(worker: Worker): Promise<Outcome> {
  for (;;) {
    const outcome = await worker.run([], Date.now() + 5_000);
    if (outcome.pending.count === 0 && outcome.jobs === 0) return outcome;
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
