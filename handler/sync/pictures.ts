/** The worker's picture of both databases: definitions, plans of the routes and what may write behind a text. */
import type { Route } from "../contract/routes";
import { followSchema } from "../routes/followSchema";
import { expandRoutes, planRoutes, type RoutePlan, type StoppedRoute } from "../routes/plan";
import { Behind } from "../source/behind";
import { readForeignKeys, readPrograms, readTables, tableKey } from "../source/catalog";
import type { TableName } from "../source/definition";
import { refuseReader } from "../source/openTransactions";
import type { Context } from "../refresh/locked";
import type { Session } from "../sql/connection";
import type { Store } from "../state/store";
import { TableIndex } from "../touch/tableIndex";

export interface Picture {
  /** By route id. */
  readonly plans: ReadonlyMap<string, RoutePlan>;
  /** By lower-case `database.table` of the source. */
  readonly bySource: ReadonlyMap<string, readonly RoutePlan[]>;
  readonly stopped: readonly StoppedRoute[];
  /** Source tables that are synchronised, those of stopped routes among them. */
  readonly tables: TableIndex;
  /** The tables of `tables`. */
  readonly names: readonly TableName[];
  readonly behind: Behind;
  /** Lower-case names of tables with triggers or foreign keys, now or in any earlier picture. */
  readonly effective: ReadonlySet<string>;
  /** Counter at the target that a worker raises when it reads a schema change. */
  readonly version: number;
  readonly readAtMs: number;
  /** `server_audit_query_log_limit` of the source; `undefined`: it has none that can be read. */
  readonly queryLogLimit: number | undefined;
}

export async function readPicture(
  routes: readonly Route[],
  { source, target, store }: Pick<Context, "source" | "target" | "store">,
  version: number,
): Promise<Picture> {
  const readAtMs = Date.now();
  await refuseReader(source);
  const programs = await readPrograms(source);
  const foreignKeys = await readForeignKeys(source);
  const sources = await readTables(source, databasesOf(routes, "source"), programs);
  const readTargets = async (): ReturnType<typeof readTables> =>
    await readTables(target, databasesOf(routes, "target"), []);
  const found = await readTargets();
  const { changed, problems } = await followSchema(
    expandRoutes(routes, sources),
    { sources, targets: found },
    { source, target },
  );
  const { plans, stopped } = planRoutes(routes, sources, changed ? await readTargets() : found, problems);
  const bySource = new Map<string, RoutePlan[]>();
  for (const plan of plans) {
    const key = tableKey(plan.source.name);
    bySource.set(key, [...(bySource.get(key) ?? []), plan]);
  }
  const followed = new Set(
    routes.filter(({ source: { table } }) => table !== "*").map((route) => tableKey(route.source)),
  );
  const wild = new Set(
    routes.filter(({ source: { table } }) => table === "*").map((route) => route.source.database.toLowerCase()),
  );
  const definitions = [...sources.values()].filter(
    ({ name }) => followed.has(tableKey(name)) || wild.has(name.database.toLowerCase()),
  );
  const tables = new TableIndex(definitions);
  const names = definitions.map(({ name }) => name);
  const behind = new Behind(programs, foreignKeys, tables, names);
  return {
    plans: new Map(plans.map((plan) => [plan.id, plan])),
    bySource,
    stopped,
    tables,
    names,
    behind,
    effective: await rememberEffective(store, behind.effective),
    version,
    readAtMs,
    queryLogLimit: await readQueryLogLimit(source),
  };
}

const effectivePrefix = "effective:";

/**
 * When the record of a DROP TABLE is read, the table and its triggers are gone, but records of statements that fired them
 * may still be on the way. So what any picture has seen is kept. A trigger that came and went between two pictures is known
 * by its CREATE TRIGGER: the tables which that names are compared when its record is read.
 */
async function rememberEffective(store: Store, seen: ReadonlySet<string>): Promise<ReadonlySet<string>> {
  const known = await store.settings(effectivePrefix);
  const all = new Set([...known.keys()].map((name) => name.slice(effectivePrefix.length)));
  for (const name of seen) {
    if (all.has(name)) continue;
    await store.setSetting(`${effectivePrefix}${name}`, true);
    all.add(name);
  }
  return all;
}

function databasesOf(routes: readonly Route[], side: "source" | "target"): readonly string[] {
  return [...new Set(routes.map((route) => route[side].database))];
}

async function readQueryLogLimit(source: Session): Promise<number | undefined> {
  const rows = await source.rows(
    "SHOW GLOBAL VARIABLES LIKE 'server_audit_query_log_limit'",
    "asking for the audit log's query limit",
  );
  const limit = rows[0]?.[1];
  return limit === undefined || limit === null ? undefined : Number(limit.toString());
}
