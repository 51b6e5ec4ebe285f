import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { auditLogGroupName, type AuditedUsers } from "./auditLog";
import { AuditParameterGroup } from "./auditParameterGroup";
import type { DatabaseConnection } from "./databaseConnection";
import type { OwnedDatabase } from "./databaseSettings";
import type { DatabaseServer } from "./databaseServer";
import { arn, fixedName } from "./deployment";
import { connectToExisting } from "./existingDatabase";
import { createDatabaseServer } from "./ownedDatabase";
import type { Shared } from "./shared";

export interface SourceClusterArgs extends Shared {
  readonly users: AuditedUsers;
}

/** The log group that the audit log is exported to. */
export interface AuditLog {
  readonly name: pulumi.Output<string>;
  readonly arn: pulumi.Output<string>;
}

/**
 * The database that applications write to: an Aurora cluster or RDS instance with its audit log switched on and exported,
 * or an existing one, of which nothing is replaced or modified.
 */
export class SourceCluster extends pulumi.ComponentResource {
  readonly connection: DatabaseConnection;
  readonly auditLog: AuditLog;
  /** A server of this stack's own, to make users on. */
  readonly server: DatabaseServer | undefined;

  constructor(name: string, args: SourceClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("auditsync:index:SourceCluster", name, {}, opts);
    const { deployment } = args;
    const settings = args.settings.source;
    if (settings.kind === "existing") {
      const group = auditLogGroupName(settings.engine, settings.identifier);
      this.connection = connectToExisting(this, name, args.network, settings);
      this.auditLog = { name: pulumi.output(group), arn: arn(deployment, "logs", `log-group:${group}`) };
      this.server = undefined;
    } else {
      const identifier = fixedName(deployment, name);
      const logGroup = createLogGroup(this, name, identifier, args, settings);
      this.server = createServer(this, name, identifier, args, settings, logGroup);
      this.connection = {
        engine: settings.engine,
        host: this.server.host,
        port: this.server.port,
        tls: "rds",
        credentials: { type: "iam" },
        resourceId: this.server.resourceId,
      };
      this.auditLog = { name: logGroup.name, arn: logGroup.arn };
    }
    this.registerOutputs({ host: this.connection.host, auditLogGroup: this.auditLog.name });
  }
}

/** Made before the export makes one of its own, which would keep everything for ever and unencrypted by our key. */
function createLogGroup(
  parent: SourceCluster,
  name: string,
  identifier: string,
  args: SourceClusterArgs,
  settings: OwnedDatabase,
): aws.cloudwatch.LogGroup {
  return new aws.cloudwatch.LogGroup(
    `${name}-audit-log`,
    {
      name: auditLogGroupName(settings.engine, identifier),
      retentionInDays: args.settings.flat.auditLogRetentionDays,
      ...(args.keyArn === undefined ? {} : { kmsKeyId: args.keyArn }),
    },
    { parent, protect: args.settings.flat.protectData },
  );
}

function createServer(
  parent: SourceCluster,
  name: string,
  identifier: string,
  args: SourceClusterArgs,
  settings: OwnedDatabase,
  logGroup: aws.cloudwatch.LogGroup,
): DatabaseServer {
  const audit = new AuditParameterGroup(
    `${name}-audit`,
    {
      engine: settings.engine,
      version: settings.version,
      users: args.users,
      parameters: args.settings.sourceParameters,
    },
    { parent },
  );
  return createDatabaseServer(parent, name, {
    settings,
    // Fixed, because RDS names the log group after it.
    identifier,
    parameterGroupName: audit.parameterGroupName,
    ...(audit.optionGroupName === undefined ? {} : { optionGroupName: audit.optionGroupName }),
    exportAuditLog: true,
    network: args.network,
    ...(args.keyArn === undefined ? {} : { keyArn: args.keyArn }),
    protectData: args.settings.flat.protectData,
    finalSnapshot: `${identifier}-final`,
    backupRetentionDays: args.settings.flat.backupRetentionDays,
    dependsOn: [logGroup],
  });
}
