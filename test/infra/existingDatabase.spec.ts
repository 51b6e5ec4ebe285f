import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import type { DatabaseEngine } from "../../handler/contract/databaseUsers";
import { connectToExisting } from "../../infra/existingDatabase";
import { Network } from "../../infra/network";
import { deploy } from "./deploy";
import { accountId, region } from "./mockedAws";

/** Address of an existing instance that the mocks say runs MariaDB. */
async function hostOf(engine: DatabaseEngine): Promise<string> {
  const { result } = await deploy(
    () => {
      const network = new Network("network", {
        deployment: { project: "audit-sync", stack: "dev", region, accountId: pulumi.output(accountId) },
        settings: {
          ...{ vpcId: "vpc-1", subnetIds: ["subnet-1", "subnet-2"], secretsEndpointSecurityGroup: "" },
          ...{ vpcCidr: "10.0.0.0/16", availabilityZones: 2, natGateways: "none" },
        },
        needsSecrets: false,
      });
      const credentials = { type: "iam" } as const;
      const database = { kind: "existing", engine, identifier: "crm-production", credentials } as const;
      return connectToExisting(network, "crm", network, database).host;
    },
    { stack: "dev", config: {} },
  );
  // `apply` of a rejected Output is never called; its promise, which the SDK keeps to itself, says why.
  return await (result as unknown as { promise(): Promise<string> }).promise();
}

async function failure(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("it did not fail");
}

describe("connectToExisting", () => {
  it("finds the address of an instance that runs what is configured", async () => {
    expect(await hostOf("mariadb")).to.equal("crm-production.instance.example");
  });

  it("refuses a database of another engine at preview, by name", async () => {
    const error = await failure(hostOf("mysql"));

    expect(pulumi.RunError.isInstance(error)).to.equal(true);
    expect(error).to.have.property(
      "message",
      "crm-production runs mariadb, but its engine is configured as mysql; set the engine that it runs",
    );
  });
});
