import * as pulumi from "@pulumi/pulumi";
import type { DatabaseConnection } from "./databaseConnection";
import type { DatabaseSettings } from "./databaseSettings";
import type { DatabaseServer } from "./databaseServer";
import { fixedName } from "./deployment";
import { connectToExisting, connectToExternal } from "./existingDatabase";
import { createDatabaseServer } from "./ownedDatabase";
import { createServerParameterGroup } from "./serverParameterGroup";
import type { Shared } from "./shared";

export interface TargetDatabaseArgs extends Shared {
  readonly database: DatabaseSettings;
}

/** A database that follows the source: a new one, or one that exists and is only connected to. */
export class TargetDatabase extends pulumi.ComponentResource {
  readonly connection: DatabaseConnection;
  /** A server of this stack's own, to make users on. */
  readonly server: DatabaseServer | undefined;

  constructor(name: string, args: TargetDatabaseArgs, opts?: pulumi.ComponentResourceOptions) {
    super("auditsync:index:TargetDatabase", name, {}, opts);
    const { database, network, settings } = args;
    this.server = undefined;
    switch (database.kind) {
      case "existing":
        this.connection = connectToExisting(this, name, network, database);
        break;
      case "external":
        this.connection = connectToExternal(this, name, network, database);
        break;
      case "owned":
        this.server = createDatabaseServer(this, name, {
          settings: database,
          parameterGroupName: createServerParameterGroup(this, name, { ...database, parameters: [] }),
          exportAuditLog: false,
          network,
          ...(args.keyArn === undefined ? {} : { keyArn: args.keyArn }),
          protectData: settings.flat.protectData,
          finalSnapshot: `${fixedName(args.deployment, name)}-final`,
          backupRetentionDays: settings.flat.backupRetentionDays,
          dependsOn: [],
        });
        this.connection = {
          engine: database.engine,
          host: this.server.host,
          port: this.server.port,
          tls: "rds",
          credentials: { type: "iam" },
          resourceId: this.server.resourceId,
        };
    }
    this.registerOutputs({ host: this.connection.host });
  }
}
