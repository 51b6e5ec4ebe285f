import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import {
  configFileName,
  excludedUsersVariable,
  pendingWarningVariable,
  repairDriftVariable,
  stateDatabaseVariable,
  verifySettleVariable,
} from "../handler/contract/environment";
import { FailureDestination } from "./failureDestination";
import { createFunctionRole, functionDefaults, restrictCode } from "./functionRole";
import { functionCode, type HandlerBundle } from "./handlerBundle";
import { readStream, useKey, writeFailures } from "./policies";
import { FunctionSchedules } from "./functionSchedules";
import type { Shared } from "./shared";
import { followDirectly, followStream, type Feed } from "./syncFeed";
import { loginEnvironment, loginStatements, type Login } from "./syncFunctionAccess";

export interface SyncFunctionArgs extends Shared {
  /** The bundled handler. */
  readonly bundle: HandlerBundle;
  /** Content of the file beside it that holds the target's routes. */
  readonly config: string;
  readonly logins: readonly Login[];
  readonly excludedUsers: readonly string[];
  readonly feed: Feed;
  /** What has to be there before records come: the users that the function logs in as. */
  readonly dependsOn: readonly pulumi.Resource[];
}

/** The function of one target, everything that invokes it, and where its failures go. */
export class SyncFunction extends pulumi.ComponentResource {
  readonly functionName: pulumi.Output<string>;
  readonly failureBucket: pulumi.Output<string>;
  /** Of the event source mapping; stream delivery only. */
  readonly mappingId: pulumi.Output<string> | undefined;
  /** Of the subscription; direct delivery only. */
  readonly filterName: pulumi.Output<string> | undefined;

  constructor(name: string, args: SyncFunctionArgs, opts?: pulumi.ComponentResourceOptions) {
    super("auditsync:index:SyncFunction", name, {}, opts);
    const { deployment } = args;
    const settings = args.settings.flat;
    const failures = new FailureDestination(
      `${name}-failures`,
      {
        retentionDays: settings.failureRetentionDays,
        ...(args.keyArn === undefined ? {} : { keyArn: args.keyArn }),
        protectData: settings.protectData,
      },
      { parent: this },
    );
    const fn = createFunction(this, name, args, failures);
    new FunctionSchedules(
      `${name}-schedules`,
      { deployment, functionArn: fn.arn, verifySchedule: settings.verifySchedule, dependsOn: args.dependsOn },
      { parent: this },
    );
    const follow = { deployment, settings, fn, failureBucketArn: failures.bucketArn, dependsOn: args.dependsOn };
    const followed =
      args.feed.type === "stream"
        ? followStream(this, name, args.feed.streamArn, follow)
        : followDirectly(this, name, args.feed.auditLog, follow);
    this.functionName = fn.name;
    this.failureBucket = failures.bucketName;
    this.mappingId = followed.mappingId;
    this.filterName = followed.filterName;
    this.registerOutputs({ functionName: this.functionName, failureBucket: this.failureBucket });
  }
}

function createFunction(
  parent: SyncFunction,
  name: string,
  args: SyncFunctionArgs,
  failures: FailureDestination,
): aws.lambda.Function {
  const { deployment, network } = args;
  const settings = args.settings.flat;
  const role = createFunctionRole(parent, name, {
    deployment,
    description: `Keeps ${name} in step`,
    logRetentionDays: settings.functionLogRetentionDays,
    ...(args.keyArn === undefined ? {} : { keyArn: args.keyArn }),
    statements: [...feedStatements(args, failures), ...loginStatements(deployment, args.logins)],
  });
  const fn = new aws.lambda.Function(
    `${name}-function`,
    {
      ...functionDefaults(role),
      description: `${deployment.project} ${deployment.stack}: keeps ${name} in step with the source`,
      code: functionCode(args.bundle, { [configFileName]: args.config }),
      memorySize: settings.functionMemoryMiB,
      timeout: settings.functionTimeoutSeconds,
      // -1: none reserved.
      reservedConcurrentExecutions: settings.functionConcurrency,
      vpcConfig: { subnetIds: network.subnetIds, securityGroupIds: [network.functionsSecurityGroupId] },
      environment: {
        variables: {
          ...loginEnvironment(args.logins),
          [excludedUsersVariable]: args.excludedUsers.join(","),
          [stateDatabaseVariable]: settings.stateDatabase,
          [repairDriftVariable]: String(settings.repairDrift),
          [verifySettleVariable]: String(settings.functionTimeoutSeconds),
          [pendingWarningVariable]: String(settings.alarmPendingSeconds),
          NODE_OPTIONS: "--enable-source-maps",
        },
      },
    },
    { parent },
  );
  restrictCode(parent, name, role, fn.arn);
  return fn;
}

function feedStatements(
  { deployment, feed, keyArn }: SyncFunctionArgs,
  failures: FailureDestination,
): readonly aws.iam.PolicyStatement[] {
  const services = feed.type === "stream" ? ["kinesis", "s3"] : ["s3"];
  return [
    ...(feed.type === "stream" ? [readStream(feed.streamArn)] : []),
    ...writeFailures(failures.bucketArn),
    ...(keyArn === undefined
      ? []
      : [useKey(deployment, "ReadRecordsAndWriteFailures", keyArn, ["kms:Decrypt", "kms:GenerateDataKey"], services)]),
  ];
}
