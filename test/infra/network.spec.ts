import { expect } from "chai";
import { inputs, ofType } from "./select";
import { deployed, deploymentTimeoutMs } from "./variants";

const vpcId = "vpc-0123456789abcdef0";
const https = { ipProtocol: "tcp", fromPort: 443, toPort: 443 };
const mysql = { ipProtocol: "tcp", fromPort: 3306, toPort: 3306 };

describe("the network", function () {
  this.timeout(deploymentTimeoutMs);

  it("is a VPC of private subnets without a NAT gateway", async () => {
    const vpc = {
      cidrBlock: "10.80.0.0/16",
      enableDnsHostnames: true,
      enableDnsSupport: true,
      natGateways: { strategy: "None" },
      subnetSpecs: [{ type: "Private" }],
      subnetStrategy: "Auto",
    };

    expect(inputs(await deployed("dev"), "Vpc", "network-vpc")).to.deep.equal({ ...vpc, numberOfAvailabilityZones: 2 });
    expect(inputs(await deployed("prod"), "Vpc", "network-vpc")).to.deep.equal({
      ...vpc,
      numberOfAvailabilityZones: 3,
    });
  });

  it("lets the functions out to the databases and to Secrets Manager, and nothing in to them", async () => {
    const dev = await deployed("dev");
    const to = (group: string, description: string): object => ({
      securityGroupId: "network-functions-id",
      referencedSecurityGroupId: group,
      description,
    });

    expect(ofType(dev, "SecurityGroupEgressRule").map((rule) => rule.inputs)).to.have.deep.members([
      { ...to("network-secrets-id", "To Secrets Manager"), ...https },
      { ...to("source-access-id", "To source"), ...mysql },
      { ...to("crm-database-access-id", "To crm-database"), ...mysql },
      { ...to("warehouse-database-access-id", "To warehouse-database"), ...mysql },
    ]);
  });

  it("lets the functions alone in to the databases and the endpoint", async () => {
    const dev = await deployed("dev");
    const into = (group: string, description: string): object => ({
      securityGroupId: group,
      referencedSecurityGroupId: "network-functions-id",
      description,
    });

    expect(ofType(dev, "SecurityGroupIngressRule").map((rule) => rule.inputs)).to.have.deep.members([
      { ...into("network-secrets-id", "From the functions"), ...https },
      { ...into("source-access-id", "From the functions of the sync"), ...mysql },
      { ...into("crm-database-access-id", "From the functions of the sync"), ...mysql },
      { ...into("warehouse-database-access-id", "From the functions of the sync"), ...mysql },
    ]);
  });

  it("has the one endpoint that the functions call", async () => {
    const dev = await deployed("dev");

    expect(ofType(dev, "VpcEndpoint")).to.have.length(1);
    expect(inputs(dev, "VpcEndpoint", "network-secrets-endpoint")).to.deep.include({
      vpcId,
      serviceName: "com.amazonaws.us-east-1.secretsmanager",
      vpcEndpointType: "Interface",
      privateDnsEnabled: true,
      subnetIds: ["subnet-0000000000000000a", "subnet-0000000000000000b"],
      securityGroupIds: ["network-secrets-id"],
    });
  });

  it("is an existing VPC with its own endpoint when the configuration names one", async () => {
    const deployment = await deployed("existing VPC");
    const subnetIds = ["subnet-0fedcba9876543211", "subnet-0fedcba9876543212"];

    expect(inputs(deployment, "SecurityGroup", "network-functions")["vpcId"]).to.equal("vpc-0fedcba9876543210");
    expect(inputs(deployment, "SubnetGroup", "source-subnets")["subnetIds"]).to.deep.equal(subnetIds);
    expect(inputs(deployment, "Function", "crm-function")["vpcConfig"]).to.deep.equal({
      subnetIds,
      securityGroupIds: ["network-functions-id"],
    });
    expect(inputs(deployment, "SecurityGroupEgressRule", "network-to-secrets")).to.deep.equal({
      securityGroupId: "network-functions-id",
      referencedSecurityGroupId: "sg-0fedcba9876543213",
      ...https,
      description: "To Secrets Manager",
    });
  });

  it("reaches a server of another owner at its port and in its range or group", async () => {
    const existing = await deployed("existing cluster");
    const imported = await deployed("imported secrets");

    expect(inputs(existing, "SecurityGroupEgressRule", "search-database-from-functions-out")).to.deep.equal({
      securityGroupId: "network-functions-id",
      cidrIpv4: "10.20.0.0/16",
      ...mysql,
      description: "To search-database",
    });
    expect(inputs(imported, "SecurityGroupEgressRule", "crm-database-from-functions-out")).to.deep.equal({
      securityGroupId: "network-functions-id",
      referencedSecurityGroupId: "sg-0fedcba9876543214",
      ...{ ipProtocol: "tcp", fromPort: 3310, toPort: 3310 },
      description: "To crm-database",
    });
  });
});
