/** What each role may do. Every action is there because something fails without it; the comments say what. */
import * as pulumi from "@pulumi/pulumi";
import type * as aws from "@pulumi/aws";
import { arn, partitionOf, type Deployment } from "./deployment";

type Statement = aws.iam.PolicyStatement;

export function policy(statements: readonly Statement[]): aws.iam.PolicyDocument {
  return { Version: "2012-10-17", Statement: [...statements] };
}

/** A function writes its own log, and its metrics through it; the log group exists already. */
export function writeLog(logGroupArn: pulumi.Input<string>): Statement {
  return {
    Sid: "WriteOwnLog",
    Effect: "Allow",
    Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
    Resource: [pulumi.interpolate`${logGroupArn}:*`],
  };
}

/**
 * Lambda makes and removes the network interfaces of a function with the function's role. The describing actions know no
 * resources, and Lambda asks for the others on every interface, subnet and security group of the account:
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
 * {@link keepInterfacesFromCode} takes all of it away from the function's own code.
 */
export function attachToVpc(deployment: Deployment): readonly Statement[] {
  return [
    {
      Sid: "FindNetworkInterfaces",
      Effect: "Allow",
      Action: ["ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"],
      Resource: ["*"],
    },
    {
      Sid: "AttachToVpc",
      Effect: "Allow",
      Action: changeInterfaces,
      Resource: [arn(deployment, "ec2", "*/*")],
    },
  ];
}

const changeInterfaces = [
  "ec2:CreateNetworkInterface",
  "ec2:DeleteNetworkInterface",
  "ec2:AssignPrivateIpAddresses",
  "ec2:UnassignPrivateIpAddresses",
];

export function keepInterfacesFromCode(functionArn: pulumi.Input<string>): Statement {
  return {
    Sid: "KeepNetworkInterfacesFromCode",
    Effect: "Deny",
    Action: ["ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", ...changeInterfaces],
    Resource: ["*"],
    Condition: { ArnEquals: { "lambda:SourceFunctionArn": [functionArn] } },
  };
}

/** The event source mapping reads the stream with the function's role. */
export function readStream(streamArn: pulumi.Input<string>): Statement {
  return {
    Sid: "ReadStream",
    Effect: "Allow",
    Action: [
      "kinesis:DescribeStream",
      "kinesis:DescribeStreamSummary",
      "kinesis:GetRecords",
      "kinesis:GetShardIterator",
      "kinesis:ListShards",
    ],
    Resource: [streamArn],
  };
}

/** Lambda writes what it gives up on with the function's role, and looks whether the bucket is there. */
export function writeFailures(bucketArn: pulumi.Input<string>): readonly Statement[] {
  return [
    {
      Sid: "WriteFailures",
      Effect: "Allow",
      Action: ["s3:PutObject"],
      Resource: [pulumi.interpolate`${bucketArn}/*`],
    },
    { Sid: "FindFailureBucket", Effect: "Allow", Action: ["s3:ListBucket"], Resource: [bucketArn] },
  ];
}

/** Through the services that hold the data, and in no other way. */
export function useKey(
  { region }: Deployment,
  sid: string,
  keyArn: pulumi.Input<string>,
  actions: readonly string[],
  services: readonly string[],
): Statement {
  return {
    Sid: sid,
    Effect: "Allow",
    Action: [...actions],
    Resource: [keyArn],
    Condition: { StringEquals: { "kms:ViaService": services.map((service) => `${service}.${region}.amazonaws.com`) } },
  };
}

export function readSecrets(arns: readonly pulumi.Input<string>[]): Statement {
  return { Sid: "ReadSecrets", Effect: "Allow", Action: ["secretsmanager:GetSecretValue"], Resource: [...arns] };
}

export interface DatabaseUser {
  /** `DbiResourceId` or `DbClusterResourceId`. */
  readonly resourceId: pulumi.Input<string>;
  readonly name: string;
}

/** Log in with a token, as exactly these users of exactly these databases. */
export function connectAs(deployment: Deployment, users: readonly DatabaseUser[]): Statement {
  return {
    Sid: "ConnectToDatabases",
    Effect: "Allow",
    Action: ["rds-db:connect"],
    Resource: users.map(({ resourceId, name }) =>
      arn(deployment, "rds-db", pulumi.interpolate`dbuser:${resourceId}/${name}`),
    ),
  };
}

/** CloudWatch Logs puts the audit log into the stream. */
export function putRecords(streamArn: pulumi.Input<string>): Statement {
  return { Sid: "PutRecords", Effect: "Allow", Action: ["kinesis:PutRecord"], Resource: [streamArn] };
}

export function invoke(functionArn: pulumi.Input<string>): Statement {
  return { Sid: "Invoke", Effect: "Allow", Action: ["lambda:InvokeFunction"], Resource: [functionArn] };
}

export function trustLambda(): aws.iam.PolicyDocument {
  return policy([{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }]);
}

/** Only for resources of this account that match `sourceArn`, so that nobody else's can borrow the role. */
export function trustService(
  { accountId }: Deployment,
  service: string,
  sourceArn: pulumi.Input<string>,
): aws.iam.PolicyDocument {
  return policy([
    {
      Effect: "Allow",
      Principal: { Service: service },
      Action: "sts:AssumeRole",
      Condition: { StringEquals: { "aws:SourceAccount": accountId }, ArnLike: { "aws:SourceArn": sourceArn } },
    },
  ]);
}

/** A bucket that talks over TLS only. */
export function refuseInsecureTransport(bucketArn: pulumi.Input<string>): aws.iam.PolicyDocument {
  return policy([
    {
      Sid: "RefuseInsecureTransport",
      Effect: "Deny",
      Principal: "*",
      Action: ["s3:*"],
      Resource: [bucketArn, pulumi.interpolate`${bucketArn}/*`],
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    },
  ]);
}

/** Alarms of this account may publish to the topic; nobody else. */
export function publishAlarms(deployment: Deployment, topicArn: pulumi.Input<string>): aws.iam.PolicyDocument {
  return policy([
    {
      Sid: "PublishAlarms",
      Effect: "Allow",
      Principal: { Service: "cloudwatch.amazonaws.com" },
      Action: ["sns:Publish"],
      Resource: [topicArn],
      Condition: {
        StringEquals: { "aws:SourceAccount": deployment.accountId },
        ArnLike: { "aws:SourceArn": arn(deployment, "cloudwatch", "alarm:*") },
      },
    },
  ]);
}

/** Secrets of this account may be read through the endpoint, by this account's own roles. */
export function readSecretsThroughEndpoint(deployment: Deployment): aws.iam.PolicyDocument {
  return policy([
    {
      Sid: "ReadSecretsOfThisAccount",
      Effect: "Allow",
      Principal: "*",
      Action: ["secretsmanager:GetSecretValue"],
      Resource: [arn(deployment, "secretsmanager", "secret:*")],
      Condition: { StringEquals: { "aws:PrincipalAccount": deployment.accountId } },
    },
  ]);
}

/** Who may use the stack's key: the account through IAM, its log groups, and its alarms (for the topic). */
export function useOfStackKey(deployment: Deployment): aws.iam.PolicyDocument {
  const { accountId, region } = deployment;
  return policy([
    {
      // Without it a key can lock everybody out, its owner included.
      // https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
      Sid: "AccountThroughIam",
      Effect: "Allow",
      Principal: { AWS: pulumi.interpolate`arn:${partitionOf(region)}:iam::${accountId}:root` },
      Action: "kms:*",
      Resource: "*",
    },
    {
      Sid: "LogGroupsOfThisAccount",
      Effect: "Allow",
      Principal: { Service: `logs.${region}.amazonaws.com` },
      Action: ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
      Resource: "*",
      Condition: { ArnLike: { "kms:EncryptionContext:aws:logs:arn": arn(deployment, "logs", "log-group:*") } },
    },
    {
      Sid: "AlarmsOfThisAccount",
      Effect: "Allow",
      Principal: { Service: "cloudwatch.amazonaws.com" },
      Action: ["kms:Decrypt", "kms:GenerateDataKey*"],
      Resource: "*",
      Condition: { StringEquals: { "aws:SourceAccount": accountId } },
    },
  ]);
}
