import { type LocalSettings, UsageError } from "./arguments";
import { createSourceUsers, type RunPasswords } from "./databaseUsers";
import { type Mariadb, startMariadb } from "./mariadb";
import { type Scenario } from "./scenario";
import { runSqlFile } from "./sqlClient";
import { startStream, type Stream } from "./stream/kinesis";
import { asRoot, checkTargets, followerName, followEverything, type LocalTarget, prepareTarget } from "./targets";

const shards = 2;

export interface Servers {
  readonly source: Mariadb;
  readonly stream: Stream;
  readonly targets: readonly (LocalTarget & { readonly server: Mariadb })[];
  readonly passwords: RunPasswords;
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
  return { source, stream, targets: prepared, passwords };
}

/** @throws {UsageError} when the server does not start with the options that were given. */
async function startSource(settings: LocalSettings, parentDir: string): Promise<Mariadb> {
  const options = Object.fromEntries(settings.serverOptions);
  try {
    return await startMariadb({ name: "source", parentDir, options, audit: true });
  } catch (error) {
    if (settings.serverOptions.length === 0) throw error;
    const given = settings.serverOptions.map(([name, value]) => `${name}=${value}`).join(", ");
    throw new UsageError(`the source does not start with --server-option ${given}: ${(error as Error).message}`);
  }
}

/** @throws {UsageError} with what the client says: a run on half a schema would prove nothing. */
async function applySchema(server: Mariadb, files: readonly string[]): Promise<void> {
  for (const file of files) {
    const { errors, exitStatus } = await runSqlFile(server, file, { force: false });
    if (exitStatus !== 0)
      throw new UsageError(`the schema ${file} failed at ${server.name}: ${errors[0] ?? "no message"}`);
  }
}
