import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { refuseInsecureTransport } from "./policies";

export interface FailureDestinationArgs {
  /** Days after which what nobody replayed is deleted. */
  readonly retentionDays: number;
  /** KMS key. Default: the one that S3 manages. */
  readonly keyArn?: pulumi.Input<string>;
  readonly protectData: boolean;
}

/**
 * Where Lambda puts what it gave up on, whole records included, so that `replay` can hand them in again. An object here is
 * a change that has not reached its target; an alarm says so until the bucket is empty again. Not versioned, because a
 * replayed object that stays as an old version would keep that alarm on.
 */
export class FailureDestination extends pulumi.ComponentResource {
  readonly bucketName: pulumi.Output<string>;
  readonly bucketArn: pulumi.Output<string>;

  constructor(name: string, args: FailureDestinationArgs, opts?: pulumi.ComponentResourceOptions) {
    super("auditsync:index:FailureDestination", name, {}, opts);
    const { keyArn, protectData, retentionDays } = args;
    const bucket = new aws.s3.Bucket(
      `${name}-bucket`,
      { forceDestroy: !protectData },
      { parent: this, protect: protectData },
    );
    this.bucketName = bucket.bucket;
    this.bucketArn = bucket.arn;
    closeToOthers(this, name, bucket);
    new aws.s3.BucketServerSideEncryptionConfiguration(
      `${name}-encryption`,
      {
        bucket: bucket.id,
        rules: [
          {
            applyServerSideEncryptionByDefault:
              keyArn === undefined ? { sseAlgorithm: "AES256" } : { sseAlgorithm: "aws:kms", kmsMasterKeyId: keyArn },
            bucketKeyEnabled: keyArn !== undefined,
          },
        ],
      },
      { parent: this },
    );
    new aws.s3.BucketLifecycleConfiguration(
      `${name}-lifecycle`,
      {
        bucket: bucket.id,
        rules: [
          {
            ...{ id: "expire", status: "Enabled", filter: { prefix: "" } },
            expiration: { days: retentionDays },
            abortIncompleteMultipartUpload: { daysAfterInitiation: 1 },
          },
        ],
      },
      { parent: this },
    );
    this.registerOutputs({ bucketName: this.bucketName, bucketArn: this.bucketArn });
  }
}

function closeToOthers(parent: FailureDestination, name: string, bucket: aws.s3.Bucket): void {
  const publicAccess = new aws.s3.BucketPublicAccessBlock(
    `${name}-public-access`,
    {
      bucket: bucket.id,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    },
    { parent },
  );
  new aws.s3.BucketOwnershipControls(
    `${name}-ownership`,
    { bucket: bucket.id, rule: { objectOwnership: "BucketOwnerEnforced" } },
    { parent },
  );
  new aws.s3.BucketPolicy(
    `${name}-policy`,
    { bucket: bucket.id, policy: refuseInsecureTransport(bucket.arn) },
    // S3 refuses to change both at the same time.
    { parent, dependsOn: [publicAccess] },
  );
}
