/** How records reach a sync function: through the stream, or straight from the log group. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Deployment } from "./deployment";
import type { FlatSettings } from "./settingKeys";
import type { AuditLog } from "./sourceCluster";
import { changesFilterPattern } from "./subscriptionFilter";

export type Feed =
  | { readonly type: "stream"; readonly streamArn: pulumi.Input<string> }
  | { readonly type: "direct"; readonly auditLog: AuditLog };

export interface FollowArgs {
  readonly deployment: Deployment;
  readonly settings: FlatSettings;
  readonly fn: aws.lambda.Function;
  readonly failureBucketArn: pulumi.Output<string>;
  readonly dependsOn: readonly pulumi.Resource[];
}

export interface Followed {
  readonly mappingId?: pulumi.Output<string>;
  readonly filterName?: pulumi.Output<string>;
}

/**
 * The handler reports the first record that it could not finish, so a batch never loses the rest. What Lambda gives up on
 * (older than `recordAgeSeconds`, or after `retryAttempts`) leaves the stream: it goes to the failure destination with
 * its records, and an alarm says so. Attempts are endless by default, because a target that is down for a night has not
 * refused anything; the age has to end before the stream forgets, which the configuration makes sure of.
 */
export function followStream(
  parent: pulumi.Resource,
  name: string,
  streamArn: pulumi.Input<string>,
  args: FollowArgs,
): Followed {
  const { settings, fn, failureBucketArn } = args;
  dropLateTicks(parent, name, fn);
  const mapping = new aws.lambda.EventSourceMapping(
    `${name}-mapping`,
    {
      eventSourceArn: streamArn,
      functionName: fn.arn,
      enabled: true,
      // From the oldest record: one that was processed before only refreshes its rows once more.
      startingPosition: "TRIM_HORIZON",
      batchSize: settings.batchSize,
      maximumBatchingWindowInSeconds: settings.batchWindowSeconds,
      parallelizationFactor: settings.parallelization,
      bisectBatchOnFunctionError: settings.bisectOnError,
      maximumRetryAttempts: settings.retryAttempts,
      maximumRecordAgeInSeconds: settings.recordAgeSeconds,
      // Part of the contract with the handler, and so not a setting.
      functionResponseTypes: ["ReportBatchItemFailures"],
      destinationConfig: { onFailure: { destinationArn: failureBucketArn } },
      metricsConfig: { metrics: ["EventCount"] },
    },
    { parent, dependsOn: [...args.dependsOn] },
  );
  return { mappingId: mapping.uuid };
}

/** A tick that could not run is worth nothing a minute later: the next one does its work. */
function dropLateTicks(parent: pulumi.Resource, name: string, fn: aws.lambda.Function): void {
  new aws.lambda.FunctionEventInvokeConfig(
    `${name}-invocations`,
    { functionName: fn.name, maximumRetryAttempts: 0, maximumEventAgeInSeconds: 60 },
    { parent },
  );
}

/**
 * Without a stream: CloudWatch Logs invokes the function asynchronously with each batch of lines. Cheaper for small loads,
 * but Lambda tries again twice at most and within six hours, nothing limits how many run at once except the function's
 * concurrency, and a log group takes two subscriptions. What is given up on goes to the failure destination here as well.
 */
export function followDirectly(parent: pulumi.Resource, name: string, auditLog: AuditLog, args: FollowArgs): Followed {
  const { deployment, fn, failureBucketArn } = args;
  const invocations = new aws.lambda.FunctionEventInvokeConfig(
    `${name}-invocations`,
    {
      functionName: fn.name,
      maximumRetryAttempts: 2,
      maximumEventAgeInSeconds: 21_600,
      destinationConfig: { onFailure: { destination: failureBucketArn } },
    },
    { parent },
  );
  const permission = new aws.lambda.Permission(
    `${name}-permission`,
    {
      function: fn.name,
      action: "lambda:InvokeFunction",
      principal: "logs.amazonaws.com",
      sourceAccount: deployment.accountId,
      sourceArn: pulumi.interpolate`${auditLog.arn}:*`,
    },
    { parent },
  );
  const filter = new aws.cloudwatch.LogSubscriptionFilter(
    `${name}-filter`,
    { logGroup: auditLog.name, destinationArn: fn.arn, filterPattern: changesFilterPattern },
    { parent, dependsOn: [permission, invocations, ...args.dependsOn] },
  );
  return { filterName: filter.name };
}
