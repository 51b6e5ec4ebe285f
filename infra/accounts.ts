/** Which users the sync has at which database, and what their owners are told. */
import {
  ownerScript,
  sourceGrants,
  targetGrants,
  type Account,
  type Identification,
} from "../handler/contract/databaseUsers";
import type { AuditedUsers } from "./auditLog";
import type { Credentials } from "./databaseSettings";
import type { Settings } from "./settings";
import type { TargetSettings } from "./targetSettings";

/** RDS's own administrator, who polls every second. */
const rdsAdministrator = "rdsadmin";

/** Whose statements are never followed: the sync's own, which would come back for ever in a two-way topology. */
export function excludedUsers({ flat }: Settings): readonly string[] {
  return [flat.syncUser, rdsAdministrator, ...flat.excludedUsers];
}

/** A list of included users has to let the heartbeat in; everybody else's changes are not followed then. */
export function auditedUsers(settings: Settings): AuditedUsers {
  const { auditedUsers: included, heartbeatUser } = settings.flat;
  return {
    included: included.length === 0 ? [] : [...new Set([...included, heartbeatUser])],
    excluded: excludedUsers(settings),
  };
}

export function sourceAccounts({ flat, source, heartbeatCredentials, targets }: Settings): readonly Account[] {
  const credentials = source.kind === "owned" ? iam : source.credentials;
  const routes = targets.flatMap((target) => target.routes);
  return [
    {
      name: flat.syncUser,
      identification: identification(credentials),
      grants: sourceGrants(flat.sourceEngine, routes),
    },
    { name: flat.heartbeatUser, identification: identification(heartbeatCredentials), grants: [] },
  ];
}

export function targetAccounts({ flat }: Settings, { database, routes }: TargetSettings): readonly Account[] {
  const credentials = database.kind === "owned" ? iam : database.credentials;
  const grants = targetGrants(routes, flat.stateDatabase);
  return [{ name: flat.syncUser, identification: identification(credentials), grants }];
}

const iam: Credentials = { type: "iam" };

/** A password is in a secret that only its owner reads; the script says where to put it. */
function identification(credentials: Credentials): Identification {
  return credentials.type === "iam"
    ? { type: "iam" }
    : { type: "password", password: `<the password in ${credentials.secretArn}>` };
}

/** SQL for the owners of databases that this stack did not create, by database. */
export function ownerScripts(settings: Settings): Readonly<Record<string, string>> {
  return {
    ...(settings.source.kind === "owned" ? {} : { source: ownerScript(sourceAccounts(settings)) }),
    ...Object.fromEntries(
      settings.targets
        .filter(({ database }) => database.kind !== "owned")
        .map((target) => [target.name, ownerScript(targetAccounts(settings, target))]),
    ),
  };
}

/** Whether any function reads a secret: a configured one, or the administrator's of a database of this stack's own. */
export function needsSecrets({ source, heartbeatCredentials, targets }: Settings): boolean {
  const databases = [source, ...targets.map(({ database }) => database)];
  return (
    heartbeatCredentials.type === "secret" ||
    databases.some((database) => database.kind === "owned" || database.credentials.type === "secret")
  );
}
