import { expect } from "chai";
import { inventory, ofType, title } from "./select";
import { deployed, deploymentTimeoutMs, variantNames } from "./variants";

/** Pulumi's text for an Output that was put into a string. */
const outputProse = /Calling \[to(?:String|JSON)\]/;

/** Physical names that AWS limits, with what Pulumi adds to a name: a hyphen and seven digits. */
const nameLimits: Readonly<Record<string, number>> = {
  Role: 64,
  Function: 64,
  Bucket: 63,
  Schedule: 64,
  ScheduleGroup: 64,
  Instance: 63,
  ClusterInstance: 63,
  Stream: 128,
};
const randomSuffix = 8;

for (const name of variantNames) {
  describe(`the stack: ${name}`, function () {
    this.timeout(deploymentTimeoutMs);

    it("asks AWS for nothing unexpected, in a preview neither", async () => {
      const up = await deployed(name);
      const preview = await deployed(name, true);

      expect(up.unexpectedCalls).to.deep.equal([]);
      expect(preview.unexpectedCalls).to.deep.equal([]);
    });

    it("shows in a preview exactly the resources that it creates", async () => {
      const up = await deployed(name);
      const preview = await deployed(name, true);

      expect(inventory(preview)).to.deep.equal(inventory(up));
      expect(up.resources.length).to.be.above(40);
    });

    it("gives every resource a name of its own that begins with its component's", async () => {
      const { resources } = await deployed(name);

      const names = resources.map(({ type, name: own, parent }) => `${parent ?? ""} > ${type} ${own}`);
      expect(new Set(names).size).to.equal(names.length);
      const stray = resources.filter(({ name: own, parent }) => {
        if (parent === undefined) return false;
        return !own.startsWith(`${parent.split(" ").at(-1) ?? ""}-`);
      });
      expect(stray.map(title)).to.deep.equal([]);
    });

    it("puts every resource of AWS under a component and under the provider with the tags", async () => {
      const { resources } = await deployed(name);

      const cloud = resources.filter(({ type }) => type.startsWith("aws:"));
      expect(cloud.filter(({ parent }) => parent?.startsWith("auditsync:") !== true).map(title)).to.deep.equal([]);
      expect(cloud.filter(({ provider }) => provider !== "aws").map(title)).to.deep.equal([]);
    });

    it("passes values and not the prose of an unresolved output", async () => {
      const { resources } = await deployed(name);

      const broken = resources.filter((resource) => outputProse.test(JSON.stringify(resource.inputs)));
      expect(broken.map(title)).to.deep.equal([]);
    });

    it("gives AWS no name that is too long", async () => {
      const { resources } = await deployed(name);

      const tooLong = resources.filter(({ type, name: own, inputs }) => {
        const limit = nameLimits[type.split(":").at(-1) ?? ""];
        return limit !== undefined && inputs["name"] === undefined && own.length + randomSuffix > limit;
      });
      expect(tooLong.map(title)).to.deep.equal([]);
    });

    it("opens nothing to everybody", async () => {
      const deployment = await deployed(name);

      for (const type of ["SecurityGroupIngressRule", "SecurityGroupEgressRule"]) {
        expect(ofType(deployment, type).filter(({ inputs }) => inputs["cidrIpv4"] === "0.0.0.0/0")).to.deep.equal([]);
      }
      for (const { inputs } of [...ofType(deployment, "Instance"), ...ofType(deployment, "ClusterInstance")]) {
        expect(inputs["publiclyAccessible"]).to.equal(false);
      }
      for (const { inputs } of ofType(deployment, "SecurityGroup")) {
        expect(inputs).to.not.have.any.keys("ingress", "egress");
      }
    });
  });
}
