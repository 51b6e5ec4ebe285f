import { type LocalSettings, UsageError } from "./arguments";
import { createSourceUsers, type RunPasswords } from "./databaseUsers";
import { type Mariadb, startMariadb } from "./mariadb";
import { unfollowedRoutes } from "./routeCheck";
import { type Scenario } from "./scenario";
import { runSqlFile } from "./sqlClient";
import { textRows } from "./textRows";
import { startStream, type Stream } from "./stream/kinesis";
import { asRoot, checkTargets, followerName, followEverything, type LocalTarget, prepareTarget } from "./targets";

const shards = 2;

export interface Servers {
  readonly source: Mariadb;
  readonly stream: Stream;
  readonly targets: readonly (LocalTarget & { readonly server: Mariadb })[];
  readonly passwords: RunPasswords;
  /** Routes that cannot be followed as things stand, one line each; the workload may still make what is missing. */
  readonly unfollowed: readonly string[];
}

/** Starts every server of a run, with the scenario's schema and the sync's users in place. */
export async function startServers(
  settings: LocalSettings,
  scenario: Scenario,
  parentDir: string,
  passwords: RunPasswords,
): Promise<Servers> {
  const names = scenario.targets?.map(({ name }) => name) ?? [followerName];
  const [stream, source, ...targetServers] = await Promise.all([
    startStream(parentDir, shards),
    startSource(settings, parentDir),
    ...names.map((name) => startMariadb({ name: `target-${name}`, parentDir })),
  ]);
  await applySchema(source, scenario.sourceSchema);
  const targets = scenario.targets === undefined ? await followEverything(source) : checkTargets(scenario.targets);
  const routes = targets.flatMap((target) => target.routes);
  await asRoot(source, (root) => createSourceUsers(root, routes, passwords));
  const prepared = targets.flatMap((target) =>
    targetServers.filter((_, index) => names[index] === target.raw.name).map((server) => ({ ...target, server })),
  );
  await Promise.all(
    prepared.map(async (target) => {
      await applySchema(target.server, scenario.targetSchema(target.raw.name));
      await prepareTarget(target.server, target.routes, passwords);
    }),
  );
  const unfollowed = await Promise.all(
    prepared.map((target) => unfollowedRoutes(source, { ...target, name: target.raw.name })),
  );
  return { source, stream, targets: prepared, passwords, unfollowed: unfollowed.flat() };
}

/** @throws {UsageError} when the server does not start with the options that were given, or nothing could be followed. */
async function startSource(settings: LocalSettings, parentDir: string): Promise<Mariadb> {
  const options = Object.fromEntries(settings.serverOptions);
  const given = settings.serverOptions.map(([name, value]) => `--server-option ${name}=${value}`).join(", ");
  let source: Mariadb;
  try {
    source = await startMariadb({ name: "source", parentDir, options, audit: true });
  } catch (error) {
    if (settings.serverOptions.length === 0) throw error;
    throw new UsageError(`the source does not start with ${given}: ${(error as Error).message}`);
  }
  if (await logsStatements(source)) return source;
  throw new UsageError(
    `the source's audit log does not hold the statements (${given}), and there is nothing to follow without them; leave that option out`,
  );
}

async function logsStatements(source: Mariadb): Promise<boolean> {
  const rows = await asRoot(source, (root) => textRows(root, "SHOW GLOBAL VARIABLES LIKE 'server\\_audit\\_%'"));
  const value = (name: string): string => rows.find(([variable]) => variable === name)?.[1] ?? "";
  const events = value("server_audit_events");
  // No list at all means all events.
  return value("server_audit_logging") === "ON" && (events === "" || events.split(",").includes("QUERY"));
}

/** @throws {UsageError} with what the client says: a run on half a schema would prove nothing. */
async function applySchema(server: Mariadb, files: readonly string[]): Promise<void> {
  for (const file of files) {
    const { errors, exitStatus } = await runSqlFile(server, file, { force: false });
    if (exitStatus !== 0)
      throw new UsageError(`the schema ${file} failed at ${server.name}: ${errors[0] ?? "no message"}`);
  }
}
