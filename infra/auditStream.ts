import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Deployment } from "./deployment";
import { LogDestinationRole } from "./logDestinationRole";
import type { FlatSettings } from "./settingKeys";
import type { AuditLog } from "./sourceCluster";
import { changesFilterPattern } from "./subscriptionFilter";

export interface AuditStreamArgs {
  readonly deployment: Deployment;
  readonly auditLog: AuditLog;
  readonly settings: Pick<FlatSettings, "streamMode" | "streamShards" | "streamRetentionHours">;
  /** KMS key. Default: the one that AWS manages for Kinesis. */
  readonly keyArn?: pulumi.Input<string>;
  /** Keeps records that no target has processed yet from being destroyed with the stack. */
  readonly protectData: boolean;
}

/** The Kinesis stream between the audit log and the targets, and the subscription that fills it. */
export class AuditStream extends pulumi.ComponentResource {
  readonly name: pulumi.Output<string>;
  readonly arn: pulumi.Output<string>;
  readonly filterName: pulumi.Output<string>;

  constructor(name: string, args: AuditStreamArgs, opts?: pulumi.ComponentResourceOptions) {
    super("auditsync:index:AuditStream", name, {}, opts);
    const { deployment, auditLog, keyArn } = args;
    const stream = new aws.kinesis.Stream(`${name}-stream`, streamArgs(args), {
      parent: this,
      protect: args.protectData,
    });
    const destination = new LogDestinationRole(
      `${name}-destination`,
      { deployment, streamArn: stream.arn, ...(keyArn === undefined ? {} : { keyArn }) },
      { parent: this },
    );
    const filter = new aws.cloudwatch.LogSubscriptionFilter(
      `${name}-filter`,
      {
        logGroup: auditLog.name,
        destinationArn: stream.arn,
        roleArn: destination.readyArn,
        filterPattern: changesFilterPattern,
        // Refreshing does not depend on order, and by log stream a busy instance would fill one shard.
        distribution: "Random",
      },
      { parent: this },
    );
    this.name = stream.name;
    this.arn = stream.arn;
    this.filterName = filter.name;
    this.registerOutputs({ name: this.name, arn: this.arn, filterName: this.filterName });
  }
}

function streamArgs({ settings, keyArn }: AuditStreamArgs): aws.kinesis.StreamArgs {
  return {
    ...(settings.streamMode === "on-demand"
      ? { streamModeDetails: { streamMode: "ON_DEMAND" } }
      : { streamModeDetails: { streamMode: "PROVISIONED" }, shardCount: settings.streamShards }),
    retentionPeriod: settings.streamRetentionHours,
    encryptionType: "KMS",
    kmsKeyId: keyArn ?? "alias/aws/kinesis",
  };
}
