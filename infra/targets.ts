/** One database, function and login for each target of the configuration. */
import type * as pulumi from "@pulumi/pulumi";
import type { BundledConfig } from "../handler/contract/environment";
import { excludedUsers, sourceAccounts, targetAccounts } from "./accounts";
import type { OwnedAccounts } from "./databaseUsers";
import { bundleHandler } from "./handlerBundle";
import type { Settings } from "./settings";
import { shown } from "./settingsError";
import type { Shared } from "./shared";
import type { SourceCluster } from "./sourceCluster";
import type { Feed } from "./syncFeed";
import { SyncFunction } from "./syncFunction";
import { TargetDatabase } from "./targetDatabase";
import type { TargetSettings } from "./targetSettings";

export interface Target {
  readonly settings: TargetSettings;
  readonly database: TargetDatabase;
}

export function createTargetDatabases(shared: Shared, opts: pulumi.ComponentResourceOptions): readonly Target[] {
  return shared.settings.targets.map((settings) => ({
    settings,
    database: new TargetDatabase(`${settings.name}-database`, { ...shared, database: settings.database }, opts),
  }));
}

/** The accounts to make on databases of the stack's own. */
export function ownedAccounts(
  settings: Settings,
  source: SourceCluster,
  targets: readonly Target[],
): readonly OwnedAccounts[] {
  return [
    { name: "source", server: source.server, accounts: sourceAccounts(settings) },
    ...targets.map(({ settings: target, database: { server } }) => ({
      name: target.name,
      server,
      accounts: targetAccounts(settings, target),
    })),
  ].flatMap(({ server, ...rest }) => (server === undefined ? [] : [{ ...rest, server }]));
}

export interface SyncFunctionsArgs extends Shared {
  readonly source: SourceCluster;
  readonly feed: Feed;
  readonly targets: readonly Target[];
  /** The users that the functions log in as. */
  readonly dependsOn: readonly pulumi.Resource[];
}

export function createSyncFunctions(
  args: SyncFunctionsArgs,
  opts: pulumi.ComponentResourceOptions,
): Readonly<Record<string, SyncFunction>> {
  const { settings, source, targets } = args;
  const { flat, heartbeatCredentials } = settings;
  const bundle = bundleHandler();
  const beat = { ...source.connection, credentials: heartbeatCredentials };
  return Object.fromEntries(
    targets.map(({ settings: { name, definition }, database: { connection } }) => {
      const config: BundledConfig = { environment: args.deployment.stack, target: definition };
      const fn = new SyncFunction(
        name,
        {
          ...args,
          bundle,
          config: shown(config),
          logins: [
            { role: "SOURCE", connection: source.connection, user: flat.syncUser },
            { role: "HEARTBEAT", connection: beat, user: flat.heartbeatUser },
            { role: "TARGET", connection, user: flat.syncUser },
          ],
          excludedUsers: excludedUsers(settings),
        },
        opts,
      );
      return [name, fn];
    }),
  );
}

type OfTargets = Readonly<Record<string, pulumi.Output<string>>>;

export function functionNames(functions: Readonly<Record<string, SyncFunction>>): OfTargets {
  return Object.fromEntries(Object.entries(functions).map(([name, { functionName }]) => [name, functionName]));
}

export function failureBucketNames(functions: Readonly<Record<string, SyncFunction>>): OfTargets {
  return Object.fromEntries(Object.entries(functions).map(([name, { failureBucket }]) => [name, failureBucket]));
}
