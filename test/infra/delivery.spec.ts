import { expect } from "chai";
import { inputs, ofType, resource } from "./select";
import { deployed, deploymentTimeoutMs } from "./variants";

const streamArn = "arn:aws:kinesis:us-east-1:123456789012:stream/audit-stream";
const functionArn = "arn:aws:lambda:us-east-1:123456789012:function:crm-function";
const bucketArn = "arn:aws:s3:::crm-failures-bucket";
const filterPattern = "?QUERY ?WRITE ?CREATE ?ALTER ?RENAME ?DROP";

describe("delivery through a stream", function () {
  this.timeout(deploymentTimeoutMs);

  it("has one shard in dev and grows on demand in prod", async () => {
    expect(inputs(await deployed("dev"), "Stream", "audit-stream")).to.deep.equal({
      streamModeDetails: { streamMode: "PROVISIONED" },
      shardCount: 1,
      retentionPeriod: 24,
      encryptionType: "KMS",
      kmsKeyId: "alias/aws/kinesis",
    });
    // CloudFormation and AWS refuse a number of shards on demand.
    expect(inputs(await deployed("prod"), "Stream", "audit-stream")).to.deep.equal({
      streamModeDetails: { streamMode: "ON_DEMAND" },
      retentionPeriod: 168,
      encryptionType: "KMS",
      kmsKeyId: "arn:aws:kms:us-east-1:123456789012:key/encryption-key",
    });
  });

  it("subscribes the audit log at random, as a role that may already put records", async () => {
    const dev = await deployed("dev");

    expect(inputs(dev, "LogSubscriptionFilter", "audit-filter")).to.deep.equal({
      logGroup: "/aws/rds/cluster/audit-sync-dev-source/audit",
      destinationArn: streamArn,
      roleArn: "arn:aws:iam::123456789012:role/audit-destination-role",
      filterPattern,
      distribution: "Random",
    });
    expect(resource(dev, "LogSubscriptionFilter", "audit-filter").dependsOn).to.include(
      "aws:iam/rolePolicy:RolePolicy audit-destination-policy",
    );
  });

  const mapping = {
    eventSourceArn: streamArn,
    functionName: functionArn,
    enabled: true,
    startingPosition: "TRIM_HORIZON",
    maximumBatchingWindowInSeconds: 1,
    bisectBatchOnFunctionError: true,
    maximumRetryAttempts: -1,
    functionResponseTypes: ["ReportBatchItemFailures"],
    destinationConfig: { onFailure: { destinationArn: bucketArn } },
    metricsConfig: { metrics: ["EventCount"] },
  };

  it("maps the stream to each function with every setting said", async () => {
    const dev = await deployed("dev");

    expect(inputs(dev, "EventSourceMapping", "crm-mapping")).to.deep.equal({
      ...mapping,
      batchSize: 200,
      parallelizationFactor: 1,
      maximumRecordAgeInSeconds: 72_000,
    });
    expect(inputs(await deployed("prod"), "EventSourceMapping", "crm-mapping")).to.deep.equal({
      ...mapping,
      batchSize: 500,
      parallelizationFactor: 2,
      maximumRecordAgeInSeconds: 518_400,
    });
    expect(ofType(dev, "EventSourceMapping").map(({ inputs: given }) => given["functionName"])).to.have.members([
      functionArn,
      "arn:aws:lambda:us-east-1:123456789012:function:warehouse-function",
    ]);
  });

  it("starts no function before its users are made", async () => {
    const { dependsOn } = resource(await deployed("dev"), "EventSourceMapping", "crm-mapping");

    expect(dependsOn).to.include.members([
      "aws:lambda/invocation:Invocation users-source",
      "aws:lambda/invocation:Invocation users-crm",
    ]);
  });

  it("forgets a tick that could not run: the next one does its work", async () => {
    expect(inputs(await deployed("dev"), "FunctionEventInvokeConfig", "crm-invocations")).to.deep.equal({
      functionName: "crm-function",
      maximumRetryAttempts: 0,
      maximumEventAgeInSeconds: 60,
    });
  });
});

describe("direct delivery", function () {
  this.timeout(deploymentTimeoutMs);

  it("subscribes each function, which the log group may invoke", async () => {
    const deployment = await deployed("direct delivery");

    expect(inputs(deployment, "LogSubscriptionFilter", "crm-filter")).to.deep.equal({
      logGroup: "/aws/rds/cluster/audit-sync-dev-source/audit",
      destinationArn: functionArn,
      filterPattern,
    });
    expect(inputs(deployment, "Permission", "crm-permission")).to.deep.equal({
      function: "crm-function",
      action: "lambda:InvokeFunction",
      principal: "logs.amazonaws.com",
      sourceAccount: "123456789012",
      sourceArn: "arn:aws:logs:us-east-1:123456789012:log-group:/aws/rds/cluster/audit-sync-dev-source/audit:*",
    });
    expect(resource(deployment, "LogSubscriptionFilter", "crm-filter").dependsOn).to.include(
      "aws:lambda/permission:Permission crm-permission",
    );
  });

  it("tries as often and as long as Lambda can, and puts the rest into the failure bucket", async () => {
    expect(inputs(await deployed("direct delivery"), "FunctionEventInvokeConfig", "crm-invocations")).to.deep.equal({
      functionName: "crm-function",
      maximumRetryAttempts: 2,
      maximumEventAgeInSeconds: 21_600,
      destinationConfig: { onFailure: { destination: bucketArn } },
    });
  });
});

describe("the failure bucket", function () {
  this.timeout(deploymentTimeoutMs);

  it("is closed, encrypted and forgets", async () => {
    const dev = await deployed("dev");
    const bucket = "crm-failures-bucket-id";

    expect(inputs(dev, "Bucket", "crm-failures-bucket")).to.deep.equal({ forceDestroy: true });
    expect(inputs(dev, "BucketPublicAccessBlock", "crm-failures-public-access")).to.deep.equal({
      bucket,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    expect(inputs(dev, "BucketOwnershipControls", "crm-failures-ownership")).to.deep.equal({
      bucket,
      rule: { objectOwnership: "BucketOwnerEnforced" },
    });
    expect(inputs(dev, "BucketServerSideEncryptionConfiguration", "crm-failures-encryption")).to.deep.equal({
      bucket,
      rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" }, bucketKeyEnabled: false }],
    });
    expect(inputs(dev, "BucketLifecycleConfiguration", "crm-failures-lifecycle")).to.deep.equal({
      bucket,
      rules: [
        {
          id: "expire",
          status: "Enabled",
          filter: { prefix: "" },
          expiration: { days: 7 },
          abortIncompleteMultipartUpload: { daysAfterInitiation: 1 },
        },
      ],
    });
  });

  it("uses the stack's key in prod", async () => {
    const encryption = inputs(
      await deployed("prod"),
      "BucketServerSideEncryptionConfiguration",
      "crm-failures-encryption",
    );

    expect(encryption["rules"]).to.deep.equal([
      {
        applyServerSideEncryptionByDefault: {
          sseAlgorithm: "aws:kms",
          kmsMasterKeyId: "arn:aws:kms:us-east-1:123456789012:key/encryption-key",
        },
        bucketKeyEnabled: true,
      },
    ]);
  });
});
