import { expect } from "chai";
import { inputs } from "./select";
import { deployed, deploymentTimeoutMs } from "./variants";

const version = "2012-10-17";
const account = "us-east-1:123456789012";

describe("the policies of resources", function () {
  this.timeout(deploymentTimeoutMs);

  it("refuse to carry failures in clear text", async () => {
    expect(inputs(await deployed("dev"), "BucketPolicy", "crm-failures-policy")["policy"]).to.deep.equal({
      Version: version,
      Statement: [
        {
          Sid: "RefuseInsecureTransport",
          Effect: "Deny",
          Principal: "*",
          Action: ["s3:*"],
          Resource: ["arn:aws:s3:::crm-failures-bucket", "arn:aws:s3:::crm-failures-bucket/*"],
          Condition: { Bool: { "aws:SecureTransport": "false" } },
        },
      ],
    });
  });

  it("let this account's alarms publish", async () => {
    expect(inputs(await deployed("dev"), "TopicPolicy", "monitoring-topic-policy")["policy"]).to.deep.equal({
      Version: version,
      Statement: [
        {
          Sid: "PublishAlarms",
          Effect: "Allow",
          Principal: { Service: "cloudwatch.amazonaws.com" },
          Action: ["sns:Publish"],
          Resource: [`arn:aws:sns:${account}:monitoring-topic`],
          Condition: {
            StringEquals: { "aws:SourceAccount": "123456789012" },
            ArnLike: { "aws:SourceArn": `arn:aws:cloudwatch:${account}:alarm:*` },
          },
        },
      ],
    });
  });

  it("let this account's roles read this account's secrets through the endpoint", async () => {
    const { policy } = inputs(await deployed("dev"), "VpcEndpoint", "network-secrets-endpoint");

    expect(JSON.parse(policy as string)).to.deep.equal({
      Version: version,
      Statement: [
        {
          Sid: "ReadSecretsOfThisAccount",
          Effect: "Allow",
          Principal: "*",
          Action: ["secretsmanager:GetSecretValue"],
          Resource: [`arn:aws:secretsmanager:${account}:secret:*`],
          Condition: { StringEquals: { "aws:PrincipalAccount": "123456789012" } },
        },
      ],
    });
  });

  it("open the stack's key to the account, its log groups and its alarms", async () => {
    const { policy } = inputs(await deployed("prod"), "Key", "encryption-key");

    expect(JSON.parse(policy as string)).to.deep.equal({
      Version: version,
      Statement: [
        {
          Sid: "AccountThroughIam",
          Effect: "Allow",
          Principal: { AWS: "arn:aws:iam::123456789012:root" },
          Action: "kms:*",
          Resource: "*",
        },
        {
          Sid: "LogGroupsOfThisAccount",
          Effect: "Allow",
          Principal: { Service: "logs.us-east-1.amazonaws.com" },
          Action: ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
          Resource: "*",
          Condition: { ArnLike: { "kms:EncryptionContext:aws:logs:arn": `arn:aws:logs:${account}:log-group:*` } },
        },
        {
          Sid: "AlarmsOfThisAccount",
          Effect: "Allow",
          Principal: { Service: "cloudwatch.amazonaws.com" },
          Action: ["kms:Decrypt", "kms:GenerateDataKey*"],
          Resource: "*",
          Condition: { StringEquals: { "aws:SourceAccount": "123456789012" } },
        },
      ],
    });
  });
});
