/** What the owners of databases that this stack did not create do by hand; nothing of theirs is changed by it. */
import * as pulumi from "@pulumi/pulumi";
import { auditOptionSettings, auroraAuditParameters, type AuditedUsers } from "./auditLog";
import type { Credentials, DatabaseSettings, ExistingDatabase } from "./databaseSettings";
import type { Settings } from "./settings";

type Steps = readonly pulumi.Input<string>[];

/** Steps by database; the SQL of the last one is a stack output of its own. */
export function ownerSteps(
  settings: Settings,
  users: AuditedUsers,
  functionsSecurityGroupId: pulumi.Input<string>,
): Readonly<Record<string, Steps>> {
  const { source, targets } = settings;
  const access = (name: string, database: DatabaseSettings): Steps =>
    database.kind === "owned" ? [] : accessSteps(name, database.credentials, functionsSecurityGroupId);
  const sourceSteps = source.kind === "existing" ? [...auditSteps(source, users), ...access("source", source)] : [];
  return Object.fromEntries(
    [
      ["source", sourceSteps] as const,
      ...targets.map(({ name, database }) => [name, access(name, database)] as const),
    ].filter(([, steps]) => steps.length > 0),
  );
}

function auditSteps({ engine, identifier }: ExistingDatabase, users: AuditedUsers): Steps {
  if (engine === "aurora-mysql") {
    const parameters = auroraAuditParameters(users).map(({ name, value }) => `${name} = ${value}`);
    return [
      `In the cluster parameter group of ${identifier} (a custom one; the default cannot be changed) set ${parameters.join("; ")}. No reboot is needed.`,
      `aws rds modify-db-cluster --db-cluster-identifier ${identifier} --cloudwatch-logs-export-configuration EnableLogTypes=audit`,
    ];
  }
  const options = auditOptionSettings(engine, users).map(({ name, value }) => `${name} = ${value}`);
  return [
    `In the option group of ${identifier} (a custom one) add the option MARIADB_AUDIT_PLUGIN with ${options.join("; ")}. No reboot is needed.`,
    `aws rds modify-db-instance --db-instance-identifier ${identifier} --cloudwatch-logs-export-configuration EnableLogTypes=audit`,
  ];
}

function accessSteps(name: string, credentials: Credentials, functionsSecurityGroupId: pulumi.Input<string>): Steps {
  return [
    pulumi.interpolate`Let the security group ${functionsSecurityGroupId} in at the database's port.`,
    ...(credentials.type === "iam" ? ["Switch IAM database authentication on."] : []),
    `As the administrator run the SQL of: pulumi stack output databaseUsers --json | jq -r '.["${name}"]'`,
  ];
}
