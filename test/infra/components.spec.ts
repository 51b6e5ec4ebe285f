import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { dashboardBody } from "../../infra/dashboard";
import type { Deployment } from "../../infra/deployment";
import { chooseKey } from "../../infra/encryptionKey";
import { FunctionSchedules } from "../../infra/functionSchedules";
import { Network, type NetworkArgs } from "../../infra/network";
import { deploy, type Deployed } from "./deploy";
import { accountId, region } from "./mockedAws";
import { inputs, inventory } from "./select";

const options = { stack: "dev", config: {} };
const deployment = (): Deployment => ({
  project: "audit-sync",
  stack: "dev",
  region,
  accountId: pulumi.output(accountId),
});

async function deployNetwork(
  settings: Partial<NetworkArgs["settings"]>,
  needsSecrets: boolean,
): Promise<Deployed<unknown>> {
  return await deploy(
    () =>
      new Network("network", {
        deployment: deployment(),
        settings: {
          ...{ vpcId: "", subnetIds: [], vpcCidr: "10.0.0.0/20", availabilityZones: 3, natGateways: "none" },
          secretsEndpointSecurityGroup: "",
          ...settings,
        },
        needsSecrets,
      }),
    options,
  );
}

describe("Network", () => {
  it("has public subnets for NAT gateways only", async () => {
    const network = await deployNetwork({ natGateways: "one-per-zone" }, false);

    expect(inputs(network, "Vpc", "network-vpc")).to.deep.include({
      cidrBlock: "10.0.0.0/20",
      numberOfAvailabilityZones: 3,
      natGateways: { strategy: "OnePerAz" },
      subnetSpecs: [{ type: "Private" }, { type: "Public" }],
    });
  });

  it("has no way to Secrets Manager when no function reads a secret", async () => {
    expect(inventory(await deployNetwork({}, false))).to.deep.equal([
      "Network network",
      "SecurityGroup network-functions",
      "Vpc network-vpc",
    ]);
  });
});

describe("FunctionSchedules", () => {
  it("verifies nothing without a schedule", async () => {
    const schedules = await deploy(
      () =>
        new FunctionSchedules("crm-schedules", {
          deployment: deployment(),
          functionArn: "arn:aws:lambda:us-east-1:123456789012:function:crm",
          verifySchedule: "",
          dependsOn: [],
        }),
      options,
    );

    expect(inventory(schedules)).to.include("Schedule crm-schedules-tick");
    expect(inventory(schedules)).to.not.include("Schedule crm-schedules-verify");
  });
});

describe("chooseKey", () => {
  const args = { protectData: false };

  it("makes nothing when AWS manages the keys, or the key exists", async () => {
    const keyArn = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    const managed = await deploy(() => chooseKey("aws", { ...args, deployment: deployment() }, {}), options);
    const existing = await deploy(() => chooseKey(keyArn, { ...args, deployment: deployment() }, {}), options);

    expect([managed.result, managed.resources]).to.deep.equal([{}, []]);
    expect([existing.result, existing.resources]).to.deep.equal([{ keyArn }, []]);
  });

  it("makes a key that a stack without protection can take along soon", async () => {
    const created = await deploy(() => chooseKey("create", { ...args, deployment: deployment() }, {}), options);

    expect(inputs(created, "Key", "encryption-key")).to.deep.include({
      enableKeyRotation: true,
      deletionWindowInDays: 7,
    });
    expect(inputs(created, "Alias", "encryption-alias")).to.deep.equal({
      name: "alias/audit-sync-dev-data",
      targetKeyId: "encryption-key",
    });
  });
});

describe("dashboardBody", () => {
  it("spreads more alarms than a widget takes over several, above everything else", () => {
    const { widgets } = dashboardBody({
      environment: "dev",
      region,
      alarmArns: Array.from({ length: 205 }, (_, index) => `alarm-${index}`),
      targets: [
        { name: "crm", functionName: "crm", failureBucket: "crm", mappingId: undefined, filterName: undefined },
      ],
      auditLogName: "audit",
      streamName: undefined,
    });

    const alarms = widgets.filter(({ type }) => type === "alarm");
    expect(alarms.map(({ y, properties }) => [y, (properties["alarms"] as unknown[]).length])).to.deep.equal([
      [0, 100],
      [4, 100],
      [8, 5],
    ]);
    expect(Math.min(...widgets.filter(({ type }) => type !== "alarm").map(({ y }) => y))).to.equal(12);
  });
});
