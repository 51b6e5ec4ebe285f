import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { readRequest } from "../../handler/operate/request";
import { readConfiguration } from "../../handler/sync/configuration";
import { inputs, ofType } from "./select";
import { deployed, deploymentTimeoutMs, variantNames, type VariantName } from "./variants";

const vpcConfig = {
  subnetIds: ["subnet-0000000000000000a", "subnet-0000000000000000b"],
  securityGroupIds: ["network-functions-id"],
};

/** The files that a function is deployed with. */
async function files(code: unknown): Promise<Readonly<Record<string, string>>> {
  if (!(code instanceof pulumi.asset.AssetArchive)) throw new Error("the code is no archive");
  const assets = Object.entries(await code.assets);
  const texts = assets.map(async ([name, asset]) => {
    if (!(asset instanceof pulumi.asset.StringAsset)) throw new Error(`${name} is no text`);
    return [name, await asset.text] as const;
  });
  return Object.fromEntries(await Promise.all(texts));
}

async function codeOf(stack: VariantName, name: string): Promise<Readonly<Record<string, string>>> {
  return await files(inputs(await deployed(stack), "Function", name)["code"]);
}

describe("a sync function", function () {
  this.timeout(deploymentTimeoutMs);

  it("runs on arm64 in the VPC, as large as the configuration says", async () => {
    const { code, environment, ...dev } = inputs(await deployed("dev"), "Function", "crm-function");
    const common = {
      architectures: ["arm64"],
      handler: "index.handler",
      loggingConfig: { logFormat: "Text", logGroup: "crm-log" },
      role: "arn:aws:iam::123456789012:role/crm-role",
      runtime: "nodejs24.x",
      vpcConfig,
    };

    expect(code).to.be.instanceOf(pulumi.asset.AssetArchive);
    expect(environment).to.have.all.keys("variables");
    expect(dev).to.deep.equal({
      ...common,
      description: "audit-sync dev: keeps crm in step with the source",
      memorySize: 256,
      timeout: 60,
      reservedConcurrentExecutions: -1,
    });
    expect(inputs(await deployed("prod"), "Function", "crm-function")).to.deep.include({
      ...common,
      memorySize: 1024,
      timeout: 300,
      reservedConcurrentExecutions: 20,
    });
  });

  it("is told its databases and its users", async () => {
    const source = { HOST: "source-cluster.cluster.example", PORT: "3306", AUTH: "iam", TLS: "rds" };
    const as = (role: string, values: object): object =>
      Object.fromEntries(Object.entries(values).map(([name, value]) => [`${role}_${name}`, value as string]));

    expect(inputs(await deployed("dev"), "Function", "crm-function")["environment"]).to.deep.equal({
      variables: {
        ...as("SOURCE", { ...source, USER: "audit_sync" }),
        ...as("HEARTBEAT", { ...source, USER: "audit_sync_heartbeat" }),
        ...as("TARGET", { ...source, HOST: "crm-database-instance.instance.example", USER: "audit_sync" }),
        EXCLUDED_USERS: "audit_sync,rdsadmin",
        STATE_DATABASE: "audit_sync",
        REPAIR_DRIFT: "false",
        VERIFY_SETTLE_SECONDS: "60",
        PENDING_WARNING_SECONDS: "14400",
        NODE_OPTIONS: "--enable-source-maps",
      },
    });
  });

  it("is told which secrets hold its passwords, and no password", async () => {
    const { environment } = inputs(await deployed("imported secrets"), "Function", "crm-function");

    expect(environment).to.have.nested.property("variables.SOURCE_AUTH", "secret");
    expect(environment).to.have.nested.property(
      "variables.SOURCE_SECRET_ARN",
      "arn:aws:secretsmanager:us-east-1:123456789012:secret:sync-at-source-AbCdEf",
    );
    expect(environment).to.have.nested.property("variables.TARGET_TLS", "system");
    expect(environment).to.not.have.nested.property("variables.TARGET_PASSWORD");
  });

  it("carries its own target's routes as they stand in the stack file", async () => {
    const { "config.json": config = "" } = await codeOf("dev", "warehouse-function");

    expect(JSON.parse(config)).to.deep.equal({
      environment: "dev",
      target: {
        name: "warehouse",
        routes: [
          { source: "shop.orders", target: "warehouse.orders_to_ship", where: { status: ["paid", "packed"] } },
          { source: "shop.stock", target: "warehouse.stock" },
        ],
      },
    });
  });

  for (const name of variantNames) {
    it(`is deployed with what its handler reads: ${name}`, async () => {
      const { environment } = inputs(await deployed(name), "Function", "crm-function");
      const { "config.json": config = "" } = await codeOf(name, "crm-function");

      const configuration = readConfiguration(
        config,
        (environment as { variables: Readonly<Record<string, string>> }).variables,
      );

      expect(configuration.targetName).to.equal("crm");
      expect(configuration.heartbeat).to.be.a("function");
      expect(configuration.worker.excludedUsers).to.deep.equal(new Set(["audit_sync", "rdsadmin"]));
      expect(configuration.worker.routes).to.not.have.length(0);
    });
  }

  it("ticks every minute and verifies on schedule", async () => {
    const prod = await deployed("prod");
    const schedule = {
      groupName: "crm-schedules-group",
      flexibleTimeWindow: { mode: "OFF" },
    };
    const target = {
      arn: "arn:aws:lambda:us-east-1:123456789012:function:crm-function",
      roleArn: "arn:aws:iam::123456789012:role/crm-schedules-role",
    };

    expect(inputs(prod, "Schedule", "crm-schedules-tick")).to.deep.equal({
      ...schedule,
      scheduleExpression: "rate(1 minute)",
      target: {
        ...target,
        input: '{"action":"tick"}',
        retryPolicy: { maximumRetryAttempts: 0, maximumEventAgeInSeconds: 60 },
      },
    });
    expect(inputs(prod, "Schedule", "crm-schedules-verify")).to.deep.equal({
      ...schedule,
      scheduleExpression: "cron(0 3 * * ? *)",
      target: {
        ...target,
        input: '{"action":"verify"}',
        retryPolicy: { maximumRetryAttempts: 3, maximumEventAgeInSeconds: 3_600 },
      },
    });
  });

  it("is asked by its schedules for what it understands", async () => {
    const asked = ofType(await deployed("dev"), "Schedule").map(({ inputs: given }) => {
      const { input } = given["target"] as { input: string };
      return readRequest(JSON.parse(input))?.action;
    });

    expect(asked.sort()).to.deep.equal(["tick", "tick", "verify", "verify"]);
  });

  it("keeps its own log as long as the configuration says", async () => {
    expect(inputs(await deployed("dev"), "LogGroup", "crm-log")).to.deep.equal({ retentionInDays: 7 });
    expect(inputs(await deployed("prod"), "LogGroup", "crm-log")).to.deep.equal({
      retentionInDays: 90,
      kmsKeyId: "arn:aws:kms:us-east-1:123456789012:key/encryption-key",
    });
  });
});
