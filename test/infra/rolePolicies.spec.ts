import { expect } from "chai";
import { inputs } from "./select";
import { secretArn } from "./mockedAws";
import { deployed, deploymentTimeoutMs, type VariantName } from "./variants";

const version = "2012-10-17";
const account = "us-east-1:123456789012";
const ownKey = `arn:aws:kms:${account}:key/encryption-key`;
const importedKey = `arn:aws:kms:${account}:key/11111111-2222-3333-4444-555555555555`;
const streamArn = `arn:aws:kinesis:${account}:stream/audit-stream`;

const interfaces = [
  "ec2:CreateNetworkInterface",
  "ec2:DeleteNetworkInterface",
  "ec2:AssignPrivateIpAddresses",
  "ec2:UnassignPrivateIpAddresses",
];

/** What every function in the VPC may do. */
function ofFunction(name: string): readonly object[] {
  return [
    {
      Sid: "WriteOwnLog",
      Effect: "Allow",
      Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
      Resource: [`arn:aws:logs:${account}:log-group:${name}-log:*`],
    },
    {
      Sid: "FindNetworkInterfaces",
      Effect: "Allow",
      Action: ["ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"],
      Resource: ["*"],
    },
    { Sid: "AttachToVpc", Effect: "Allow", Action: interfaces, Resource: [`arn:aws:ec2:${account}:*/*`] },
  ];
}

const readStream = {
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

const writeFailures = [
  { Sid: "WriteFailures", Effect: "Allow", Action: ["s3:PutObject"], Resource: ["arn:aws:s3:::crm-failures-bucket/*"] },
  {
    Sid: "FindFailureBucket",
    Effect: "Allow",
    Action: ["s3:ListBucket"],
    Resource: ["arn:aws:s3:::crm-failures-bucket"],
  },
];

function useKey(sid: string, key: string, actions: readonly string[], services: readonly string[]): object {
  const via = services.map((service) => `${service}.us-east-1.amazonaws.com`);
  return {
    Sid: sid,
    Effect: "Allow",
    Action: actions,
    Resource: [key],
    Condition: { StringEquals: { "kms:ViaService": via } },
  };
}

function connectAs(...users: readonly string[]): object {
  const arns = users.map((user) => `arn:aws:rds-db:${account}:dbuser:${user}`);
  return { Sid: "ConnectToDatabases", Effect: "Allow", Action: ["rds-db:connect"], Resource: arns };
}

const ownUsers = connectAs(
  "cluster-source-cluster/audit_sync",
  "cluster-source-cluster/audit_sync_heartbeat",
  "db-crm-database-instance/audit_sync",
);

const readRecordsAndWriteFailures = (key: string): object =>
  useKey("ReadRecordsAndWriteFailures", key, ["kms:Decrypt", "kms:GenerateDataKey"], ["kinesis", "s3"]);

async function statements(stack: VariantName, role: string): Promise<unknown> {
  const { policy } = inputs(await deployed(stack), "RolePolicy", role);
  expect(policy).to.have.property("Version", version);
  return (policy as { Statement: unknown }).Statement;
}

describe("the role of a sync function", function () {
  this.timeout(deploymentTimeoutMs);

  it("reads the stream, writes failures and connects as its own users", async () => {
    expect(await statements("dev", "crm-policy")).to.deep.equal([
      ...ofFunction("crm"),
      readStream,
      ...writeFailures,
      ownUsers,
    ]);
  });

  it("uses the stack's key through the services that hold the data", async () => {
    expect(await statements("prod", "crm-policy")).to.deep.equal([
      ...ofFunction("crm"),
      readStream,
      ...writeFailures,
      readRecordsAndWriteFailures(ownKey),
      ownUsers,
    ]);
  });

  it("has nothing to do with a stream when delivery is direct", async () => {
    expect(await statements("direct delivery", "crm-policy")).to.deep.equal([
      ...ofFunction("crm"),
      ...writeFailures,
      ownUsers,
    ]);
  });

  it("reads exactly its secrets and their key when passwords are imported", async () => {
    expect(await statements("imported secrets", "crm-policy")).to.deep.equal([
      ...ofFunction("crm"),
      readStream,
      ...writeFailures,
      readRecordsAndWriteFailures(importedKey),
      {
        Sid: "ReadSecrets",
        Effect: "Allow",
        Action: ["secretsmanager:GetSecretValue"],
        Resource: [secretArn("sync-at-source"), secretArn("heartbeat"), secretArn("sync-at-crm")],
      },
      useKey("DecryptSecrets1", importedKey, ["kms:Decrypt"], ["secretsmanager"]),
    ]);
  });

  it("connects to databases of other owners as exactly its users", async () => {
    expect(await statements("existing cluster", "crm-policy")).to.deep.include(
      connectAs("cluster-EXISTING/audit_sync", "cluster-EXISTING/audit_sync_heartbeat", "db-EXISTING/audit_sync"),
    );
    expect(await statements("existing cluster", "search-policy")).to.deep.include(
      connectAs("cluster-EXISTING/audit_sync", "cluster-EXISTING/audit_sync_heartbeat", "db-SEARCH1/audit_sync"),
    );
  });

  it("keeps the network interfaces, which Lambda needs it for, from the function's code", async () => {
    for (const name of ["crm", "users"]) {
      expect(await statements("dev", `${name}-code-policy`)).to.deep.equal([
        {
          Sid: "KeepNetworkInterfacesFromCode",
          Effect: "Deny",
          Action: ["ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", ...interfaces],
          Resource: ["*"],
          Condition: {
            ArnEquals: { "lambda:SourceFunctionArn": [`arn:aws:lambda:${account}:function:${name}-function`] },
          },
        },
      ]);
    }
  });
});

describe("the other roles", function () {
  this.timeout(deploymentTimeoutMs);

  it("let the users' function read the administrators' secrets and nothing else", async () => {
    const secrets = {
      Sid: "ReadSecrets",
      Effect: "Allow",
      Action: ["secretsmanager:GetSecretValue"],
      Resource: [
        secretArn("rds!source-cluster"),
        secretArn("rds!crm-database-instance"),
        secretArn("rds!warehouse-database-instance"),
      ],
    };

    expect(await statements("dev", "users-policy")).to.deep.equal([...ofFunction("users"), secrets]);
    expect(await statements("prod", "users-policy")).to.deep.equal([
      ...ofFunction("users"),
      secrets,
      useKey("DecryptSecrets", ownKey, ["kms:Decrypt"], ["secretsmanager"]),
    ]);
  });

  it("let CloudWatch Logs put records into one stream", async () => {
    const put = { Sid: "PutRecords", Effect: "Allow", Action: ["kinesis:PutRecord"], Resource: [streamArn] };

    expect(await statements("dev", "audit-destination-policy")).to.deep.equal([put]);
    expect(await statements("prod", "audit-destination-policy")).to.deep.equal([
      put,
      useKey("EncryptRecords", ownKey, ["kms:GenerateDataKey"], ["kinesis"]),
    ]);
  });

  it("let the scheduler invoke one function", async () => {
    expect(await statements("dev", "crm-schedules-policy")).to.deep.equal([
      {
        Sid: "Invoke",
        Effect: "Allow",
        Action: ["lambda:InvokeFunction"],
        Resource: [`arn:aws:lambda:${account}:function:crm-function`],
      },
    ]);
  });

  it("are trusted to services for resources of this account alone", async () => {
    const dev = await deployed("dev");
    const trust = (name: string): unknown => inputs(dev, "Role", name)["assumeRolePolicy"];
    const assumedBy = (service: string, condition?: object): object => ({
      Version: version,
      Statement: [
        {
          Effect: "Allow",
          Principal: { Service: service },
          Action: "sts:AssumeRole",
          ...(condition === undefined ? {} : { Condition: condition }),
        },
      ],
    });
    const only = (sourceArn: string): object => ({
      StringEquals: { "aws:SourceAccount": "123456789012" },
      ArnLike: { "aws:SourceArn": sourceArn },
    });

    expect(trust("crm-role")).to.deep.equal(assumedBy("lambda.amazonaws.com"));
    expect(trust("users-role")).to.deep.equal(assumedBy("lambda.amazonaws.com"));
    expect(trust("audit-destination-role")).to.deep.equal(
      assumedBy("logs.amazonaws.com", only(`arn:aws:logs:${account}:*`)),
    );
    expect(trust("crm-schedules-role")).to.deep.equal(
      assumedBy("scheduler.amazonaws.com", only(`arn:aws:scheduler:${account}:schedule-group/crm-schedules-group`)),
    );
  });
});
