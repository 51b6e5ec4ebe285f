import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import {
  administratorSecret,
  databasePort,
  type DatabaseAccess,
  type DatabaseServerArgs,
  type ServerAddress,
} from "./databaseServer";

/** RDS for MySQL or MariaDB, with `multiAz` beside a standby in another zone. */
export function createRdsInstance(
  parent: pulumi.Resource,
  name: string,
  args: DatabaseServerArgs & DatabaseAccess,
): ServerAddress {
  const instance = new aws.rds.Instance(`${name}-instance`, instanceArgs(args), {
    parent,
    protect: args.protectData,
    dependsOn: [...args.dependsOn],
  });
  return {
    host: instance.address,
    port: instance.port,
    resourceId: instance.resourceId,
    administratorSecretArn: administratorSecret(instance.masterUserSecrets),
  };
}

function instanceArgs(args: DatabaseServerArgs & DatabaseAccess): aws.rds.InstanceArgs {
  const { settings, keyArn, protectData } = args;
  return {
    ...(args.identifier === undefined ? {} : { identifier: args.identifier }),
    engine: settings.engine,
    engineVersion: settings.version,
    instanceClass: settings.instanceClass,
    storageType: "gp3",
    allocatedStorage: settings.storageGiB,
    // Room to grow by itself before somebody has to look.
    maxAllocatedStorage: settings.storageGiB * 4,
    multiAz: settings.multiAz,
    port: databasePort,
    parameterGroupName: args.parameterGroupName,
    ...(args.optionGroupName === undefined ? {} : { optionGroupName: args.optionGroupName }),
    dbSubnetGroupName: args.subnetGroupName,
    vpcSecurityGroupIds: [args.securityGroupId],
    publiclyAccessible: false,
    storageEncrypted: true,
    ...(keyArn === undefined ? {} : { kmsKeyId: keyArn, masterUserSecretKmsKeyId: keyArn }),
    username: "admin",
    manageMasterUserPassword: true,
    iamDatabaseAuthenticationEnabled: true,
    enabledCloudwatchLogsExports: args.exportAuditLog ? ["audit"] : [],
    backupRetentionPeriod: args.backupRetentionDays,
    copyTagsToSnapshot: true,
    autoMinorVersionUpgrade: true,
    deletionProtection: protectData,
    skipFinalSnapshot: !protectData,
    ...(protectData ? { finalSnapshotIdentifier: args.finalSnapshot } : {}),
    applyImmediately: !protectData,
  };
}
