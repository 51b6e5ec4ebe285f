import { expect } from "chai";
import { inputs, ofType, title } from "./select";
import { deployed, deploymentTimeoutMs } from "./variants";

describe("the protection of data", function () {
  this.timeout(deploymentTimeoutMs);

  it("covers everything in prod that holds rows or statements, and the key to them", async () => {
    const { resources } = await deployed("prod");

    expect(resources.filter(({ protect }) => protect).map(title)).to.have.members([
      "Key encryption-key",
      "LogGroup source-audit-log",
      "Cluster source-cluster",
      "ClusterInstance source-writer",
      "ClusterInstance source-reader",
      "Stream audit-stream",
      "Instance crm-database-instance",
      "Instance warehouse-database-instance",
      "Bucket crm-failures-bucket",
      "Bucket warehouse-failures-bucket",
    ]);
  });

  it("keeps databases from being deleted by anybody in prod, and takes a last snapshot", async () => {
    const prod = await deployed("prod");

    for (const { name, inputs: given } of [...ofType(prod, "Cluster"), ...ofType(prod, "Instance")]) {
      expect(given["deletionProtection"], name).to.equal(true);
      expect(given["skipFinalSnapshot"], name).to.equal(false);
      expect(given["finalSnapshotIdentifier"], name).to.match(/^audit-sync-prod-[a-z-]+-final$/);
      expect(given["storageEncrypted"], name).to.equal(true);
    }
    expect(inputs(prod, "Bucket", "crm-failures-bucket")).to.deep.equal({ forceDestroy: false });
    expect(inputs(prod, "Key", "encryption-key")["deletionWindowInDays"]).to.equal(30);
  });

  it("leaves nothing in the way of deleting dev", async () => {
    const dev = await deployed("dev");

    expect(dev.resources.filter(({ protect }) => protect)).to.deep.equal([]);
    for (const { name, inputs: given } of [...ofType(dev, "Cluster"), ...ofType(dev, "Instance")]) {
      expect(given["deletionProtection"], name).to.equal(false);
      expect(given["skipFinalSnapshot"], name).to.equal(true);
      expect(given["storageEncrypted"], name).to.equal(true);
    }
  });

  it("spreads prod over zones", async () => {
    const prod = await deployed("prod");

    expect(ofType(prod, "ClusterInstance")).to.have.length(2);
    expect(ofType(prod, "Instance").map(({ inputs: given }) => given["multiAz"])).to.deep.equal([true, true]);
  });

  it("tags everything through the provider", async () => {
    const { resources } = await deployed("prod");

    const provider = resources.find(({ type }) => type === "pulumi:providers:aws");
    expect(JSON.parse(provider?.inputs["defaultTags"] as string)).to.deep.equal({
      tags: { Project: "audit-sync", Environment: "prod", ManagedBy: "pulumi", Owner: "database-platform" },
    });
    expect(provider?.inputs["region"]).to.equal("us-east-1");
  });
});
