import { expect } from "chai";
import { load, problem, refusal } from "./load";

const retention = "must be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731";
const secret = "must be the ARN of a Secrets Manager secret, or empty";

/** A wrong value of every flat key, as it stands in the configuration, with the rule and the command that mends it. */
const wrong: readonly (readonly [key: string, value: unknown, rule: string, fix: string])[] = [
  ["owner", "#team", "must be a tag value of at most 256 characters", "pulumi config set owner database-platform"],
  [
    "vpcId",
    "vpc-main",
    "must be the id of a VPC, or empty for a VPC of this stack's own",
    "pulumi config set vpcId vpc-0a1b2c3d4e5f60718",
  ],
  [
    "subnetIds",
    ["subnet-private"],
    "must be a list of subnet ids",
    "pulumi config set --path 'subnetIds[0]' subnet-0a1b2c3d4e5f60718",
  ],
  [
    "secretsEndpointSecurityGroup",
    "endpoints",
    "must be the id of the security group of the VPC's Secrets Manager endpoint, or empty to make an endpoint when one is needed",
    "pulumi config set secretsEndpointSecurityGroup sg-0a1b2c3d4e5f60718",
  ],
  [
    "vpcCidr",
    "10.80.0.1/16",
    "must be an IPv4 range of /16 to /24, written from its first address",
    "pulumi config set vpcCidr 10.80.0.0/16",
  ],
  ["availabilityZones", 4, "must be an integer from 2 to 3", "pulumi config set availabilityZones 2"],
  ["natGateways", "one", "must be one of none, single, one-per-zone", "pulumi config set natGateways none"],
  ["protectData", "yes", "must be true or false", "pulumi config set protectData true"],
  [
    "encryptionKey",
    "alias/data",
    "must be aws (keys that AWS manages), create (a key of this stack's own) or the ARN of a KMS key",
    "pulumi config set encryptionKey create",
  ],
  ["backupRetentionDays", 0, "must be an integer from 1 to 35", "pulumi config set backupRetentionDays 7"],
  [
    "sourceEngine",
    "postgres",
    "must be one of aurora-mysql, mysql, mariadb",
    "pulumi config set sourceEngine aurora-mysql",
  ],
  [
    "sourceIdentifier",
    "shop_production",
    "must be the identifier of an existing cluster (aurora-mysql) or instance, or empty to create one",
    "pulumi config set sourceIdentifier shop-production",
  ],
  [
    "sourceVersion",
    "8.0 latest",
    "must be an engine version, or empty for the default one",
    "pulumi config set sourceVersion 8.0.mysql_aurora.3.10.3",
  ],
  [
    "sourceInstanceClass",
    "r7g.large",
    "must be an instance class, or empty",
    "pulumi config set sourceInstanceClass db.r7g.large",
  ],
  [
    "sourceCapacity",
    "0.7-4",
    "must be <minimum>-<maximum> in Aurora capacity units, in steps of 0.5",
    "pulumi config set sourceCapacity 0.5-4",
  ],
  ["sourceStorageGiB", 10, "must be an integer from 20 to 16384", "pulumi config set sourceStorageGiB 50"],
  ["sourceMultiAz", "2", "must be true or false", "pulumi config set sourceMultiAz false"],
  [
    "sourceSecretArn",
    "hunter2",
    secret,
    "pulumi config set sourceSecretArn arn:aws:secretsmanager:eu-central-1:123456789012:secret:source-AbCdEf",
  ],
  [
    "heartbeatSecretArn",
    "hunter2",
    secret,
    "pulumi config set heartbeatSecretArn arn:aws:secretsmanager:eu-central-1:123456789012:secret:beat-AbCdEf",
  ],
  [
    "sourceSecretsKmsKeyArn",
    "alias/secrets",
    "must be the ARN of the KMS key of those secrets, or empty",
    "pulumi config set sourceSecretsKmsKeyArn arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
  ],
  [
    "auditedUsers",
    ["app,admin"],
    "must be a list of database user names",
    "pulumi config set --path 'auditedUsers[0]' app",
  ],
  [
    "excludedUsers",
    ["o'brien"],
    "must be a list of database user names",
    "pulumi config set --path 'excludedUsers[0]' reporting",
  ],
  ["auditLogRetentionDays", 2, retention, "pulumi config set auditLogRetentionDays 7"],
  ["delivery", "sqs", "must be one of stream, direct", "pulumi config set delivery stream"],
  ["streamMode", "serverless", "must be one of on-demand, provisioned", "pulumi config set streamMode on-demand"],
  ["streamShards", 0, "must be an integer from 1 to 500", "pulumi config set streamShards 1"],
  ["streamRetentionHours", 23, "must be an integer from 24 to 8760", "pulumi config set streamRetentionHours 48"],
  ["batchSize", 10001, "must be an integer from 1 to 10000", "pulumi config set batchSize 500"],
  ["batchWindowSeconds", 301, "must be an integer from 0 to 300", "pulumi config set batchWindowSeconds 1"],
  ["parallelization", 11, "must be an integer from 1 to 10", "pulumi config set parallelization 1"],
  ["bisectOnError", "on", "must be true or false", "pulumi config set bisectOnError true"],
  ["retryAttempts", -2, "must be an integer from -1 to 10000", "pulumi config set retryAttempts -1"],
  ["recordAgeSeconds", 59, "must be an integer from 60 to 604800", "pulumi config set recordAgeSeconds 144000"],
  ["failureRetentionDays", 0, "must be an integer from 1 to 3650", "pulumi config set failureRetentionDays 60"],
  ["functionMemoryMiB", 128, "must be an integer from 256 to 10240", "pulumi config set functionMemoryMiB 512"],
  ["functionTimeoutSeconds", 901, "must be an integer from 30 to 900", "pulumi config set functionTimeoutSeconds 120"],
  ["functionConcurrency", 1001, "must be an integer from -1 to 1000", "pulumi config set functionConcurrency -1"],
  ["functionLogRetentionDays", 31, retention, "pulumi config set functionLogRetentionDays 30"],
  [
    "verifySchedule",
    "rate(0 days)",
    "must be a rate(..) or cron(..) expression of EventBridge Scheduler, or empty for none",
    "pulumi config set verifySchedule 'rate(1 day)'",
  ],
  ["repairDrift", "on", "must be true or false", "pulumi config set repairDrift false"],
  [
    "alarmSubscribers",
    ["http://alarms.example.com"],
    "must be a list of e-mail addresses and https:// addresses",
    "pulumi config set --path 'alarmSubscribers[0]' oncall@example.com",
  ],
  ["alarmLagSeconds", 9, "must be an integer from 10 to 86400", "pulumi config set alarmLagSeconds 300"],
  ["alarmHeartbeatSeconds", 60, "must be an integer from 180 to 86400", "pulumi config set alarmHeartbeatSeconds 600"],
  ["alarmPendingSeconds", 86401, "must be an integer from 60 to 86400", "pulumi config set alarmPendingSeconds 3600"],
  [
    "syncUser",
    "audit sync",
    "must be a database user name of letters, digits, _ and -",
    "pulumi config set syncUser audit_sync",
  ],
  [
    "heartbeatUser",
    "",
    "must be a database user name of letters, digits, _ and -",
    "pulumi config set heartbeatUser audit_sync_heartbeat",
  ],
  [
    "stateDatabase",
    "Audit-Sync",
    "must be a database name of lower-case letters, digits and _",
    "pulumi config set stateDatabase audit_sync",
  ],
];

describe("a flat key", () => {
  for (const [key, value, rule, fix] of wrong) {
    it(`${key} is refused when it is ${JSON.stringify(value)}`, async () => {
      const shown = typeof value === "string" ? value : JSON.stringify(value);
      const printed = key.endsWith("SecretArn") ? undefined : shown;

      expect(await refusal({ [key]: value })).to.equal(problem(key, printed, rule, fix));
    });
  }

  it("has a wrong value in this test, whichever it is", async () => {
    const { flat } = await load();

    expect(wrong.map(([key]) => key)).to.deep.equal(Object.keys(flat));
  });

  it("is reported together with everything else that is wrong", async () => {
    const message = await refusal({ batchSize: 0, protectData: "maybe", targets: [] });

    expect(message.split("\n").filter((line) => line.startsWith("  - "))).to.deep.equal([
      "  - audit-sync:protectData = maybe: must be true or false",
      "  - audit-sync:batchSize = 0: must be an integer from 1 to 10000",
      "  - audit-sync:targets: needs at least one target",
    ]);
  });

  it("is text that is no number when Pulumi hands it over as such", async () => {
    expect(await refusal({ batchSize: "1e3" })).to.equal(
      problem("batchSize", "1e3", "must be an integer from 1 to 10000", "pulumi config set batchSize 500"),
    );
  });

  it("is a list that is no JSON", async () => {
    expect(await refusal({ subnetIds: "subnet-1,subnet-2" })).to.equal(
      problem(
        "subnetIds",
        "subnet-1,subnet-2",
        "must be a list of subnet ids",
        "pulumi config set --path 'subnetIds[0]' subnet-0a1b2c3d4e5f60718",
      ),
    );
  });
});

describe("the settings", () => {
  it("need a region and targets, and have defaults for everything else", async () => {
    const { region, source, targets, flat } = await load();

    expect(region).to.equal("eu-central-1");
    expect(source).to.deep.equal({
      kind: "owned",
      engine: "aurora-mysql",
      version: "8.0.mysql_aurora.3.10.3",
      instanceClass: "db.serverless",
      capacity: { min: 0.5, max: 4 },
      storageGiB: 50,
      multiAz: false,
    });
    expect(targets.map(({ name }) => name)).to.deep.equal(["crm"]);
    expect(flat.protectData).to.equal(true);
  });

  it("accept the schedules that EventBridge Scheduler knows", async () => {
    for (const schedule of ["", "rate(1 day)", "rate(15 minutes)", "cron(0 3 * * ? *)"]) {
      expect((await load({ verifySchedule: schedule })).flat.verifySchedule).to.equal(schedule);
    }
  });

  it("refuse a schedule of the wrong number of fields", async () => {
    const message = await refusal({ verifySchedule: "cron(0 3 * * *)" });

    expect(message).to.contain("must be a rate(..) or cron(..) expression");
  });

  it("refuse a missing region with the command that sets it", async () => {
    expect(await refusal({}, { region: "" })).to.equal(
      problem(
        "aws:region",
        undefined,
        "must be the AWS region to deploy to",
        "pulumi config set aws:region eu-central-1",
      ),
    );
  });

  it("refuse a region that is none", async () => {
    expect(await refusal({}, { region: "Frankfurt" })).to.equal(
      problem(
        "aws:region",
        "Frankfurt",
        "must be the AWS region to deploy to",
        "pulumi config set aws:region eu-central-1",
      ),
    );
  });
});
