import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { arn, type Deployment } from "./deployment";
import { policy, putRecords, trustService, useKey } from "./policies";

export interface LogDestinationRoleArgs {
  readonly deployment: Deployment;
  readonly streamArn: pulumi.Input<string>;
  /** KMS key of the stream. Default: one that AWS manages, which needs no permission. */
  readonly keyArn?: pulumi.Input<string>;
}

/** What CloudWatch Logs becomes to put records into one stream. */
export class LogDestinationRole extends pulumi.ComponentResource {
  /** The role once it may do its work: a subscription is tried out when it is made. */
  readonly readyArn: pulumi.Output<string>;

  constructor(name: string, args: LogDestinationRoleArgs, opts?: pulumi.ComponentResourceOptions) {
    super("auditsync:index:LogDestinationRole", name, {}, opts);
    const { deployment, streamArn, keyArn } = args;
    const role = new aws.iam.Role(
      `${name}-role`,
      {
        description: "Delivers the audit log of the source to the stream",
        // As narrow as the service documents it: it does not say which of the account's resources it names.
        // https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/Subscriptions-confused-deputy.html
        assumeRolePolicy: trustService(deployment, "logs.amazonaws.com", arn(deployment, "logs", "*")),
      },
      { parent: this },
    );
    const permission = new aws.iam.RolePolicy(
      `${name}-policy`,
      {
        role: role.id,
        policy: policy([
          putRecords(streamArn),
          ...(keyArn === undefined
            ? []
            : [useKey(deployment, "EncryptRecords", keyArn, ["kms:GenerateDataKey"], ["kinesis"])]),
        ]),
      },
      { parent: this },
    );
    this.readyArn = pulumi.all([role.arn, permission.id]).apply(([roleArn]) => roleArn);
    this.registerOutputs({ readyArn: this.readyArn });
  }
}
