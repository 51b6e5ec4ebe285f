import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import {
  administratorSecret,
  databasePort,
  type DatabaseAccess,
  type DatabaseServerArgs,
  type ServerAddress,
} from "./databaseServer";

/** Aurora MySQL: a writer, and with `multiAz` a reader in another zone that takes over when the writer is gone. */
export function createAuroraCluster(
  parent: pulumi.Resource,
  name: string,
  args: DatabaseServerArgs & DatabaseAccess,
): ServerAddress {
  const cluster = new aws.rds.Cluster(`${name}-cluster`, clusterArgs(args), {
    parent,
    protect: args.protectData,
    dependsOn: [...args.dependsOn],
  });
  const roles = args.settings.multiAz ? ["writer", "reader"] : ["writer"];
  for (const role of roles) {
    new aws.rds.ClusterInstance(
      `${name}-${role}`,
      {
        clusterIdentifier: cluster.id,
        engine: "aurora-mysql",
        engineVersion: args.settings.version,
        instanceClass: args.settings.instanceClass,
        publiclyAccessible: false,
        // A long-term support release stays one only without them.
        autoMinorVersionUpgrade: false,
        applyImmediately: !args.protectData,
      },
      { parent, protect: args.protectData },
    );
  }
  return {
    host: cluster.endpoint,
    port: cluster.port,
    resourceId: cluster.clusterResourceId,
    administratorSecretArn: administratorSecret(cluster.masterUserSecrets),
  };
}

function clusterArgs(args: DatabaseServerArgs & DatabaseAccess): aws.rds.ClusterArgs {
  const { settings, keyArn, protectData } = args;
  return {
    ...(args.identifier === undefined ? {} : { clusterIdentifier: args.identifier }),
    engine: "aurora-mysql",
    engineMode: "provisioned",
    engineVersion: settings.version,
    ...(settings.instanceClass === "db.serverless"
      ? {
          serverlessv2ScalingConfiguration: {
            minCapacity: settings.capacity.min,
            maxCapacity: settings.capacity.max,
          },
        }
      : {}),
    port: databasePort,
    dbClusterParameterGroupName: args.parameterGroupName,
    dbSubnetGroupName: args.subnetGroupName,
    vpcSecurityGroupIds: [args.securityGroupId],
    storageEncrypted: true,
    ...(keyArn === undefined ? {} : { kmsKeyId: keyArn, masterUserSecretKmsKeyId: keyArn }),
    masterUsername: "admin",
    manageMasterUserPassword: true,
    iamDatabaseAuthenticationEnabled: true,
    enabledCloudwatchLogsExports: args.exportAuditLog ? ["audit"] : [],
    backupRetentionPeriod: args.backupRetentionDays,
    copyTagsToSnapshot: true,
    deletionProtection: protectData,
    skipFinalSnapshot: !protectData,
    ...(protectData ? { finalSnapshotIdentifier: args.finalSnapshot } : {}),
    applyImmediately: !protectData,
  };
}
