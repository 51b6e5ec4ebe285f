import * as aws from "@pulumi/aws";
import * as awsx from "@pulumi/awsx";
import * as pulumi from "@pulumi/pulumi";
import type { Deployment } from "./deployment";
import { readSecretsThroughEndpoint } from "./policies";
import type { FlatSettings } from "./settingKeys";

export interface NetworkArgs {
  readonly deployment: Deployment;
  readonly settings: Pick<
    FlatSettings,
    "vpcId" | "subnetIds" | "vpcCidr" | "availabilityZones" | "natGateways" | "secretsEndpointSecurityGroup"
  >;
  /** Whether a function reads a secret. Tokens are signed in the function and metrics go through its log. */
  readonly needsSecrets: boolean;
}

const natStrategies = { none: "None", single: "Single", "one-per-zone": "OnePerAz" } as const;

/**
 * The VPC of the functions, or an existing one, and their security group: no way in, and out only where a rule of a
 * database or of the Secrets Manager endpoint leads. There is no NAT by default because nothing needs one: the stream is
 * read by Lambda from outside the VPC.
 */
export class Network extends pulumi.ComponentResource {
  readonly vpcId: pulumi.Output<string>;
  readonly subnetIds: pulumi.Output<string[]>;
  /** Security group of every function. */
  readonly functionsSecurityGroupId: pulumi.Output<string>;

  constructor(name: string, args: NetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("auditsync:index:Network", name, {}, opts);
    const { vpcId, subnetIds } = args.settings.vpcId === "" ? createVpc(this, name, args) : existingVpc(args);
    const functions = new aws.ec2.SecurityGroup(
      `${name}-functions`,
      { vpcId, description: "Functions of the sync: no way in, out to databases and secrets only" },
      { parent: this },
    );
    if (args.needsSecrets) reachSecrets(this, name, args, { vpcId, subnetIds, functions: functions.id });
    this.vpcId = vpcId;
    this.subnetIds = subnetIds;
    this.functionsSecurityGroupId = functions.id;
    this.registerOutputs({ vpcId, subnetIds, functionsSecurityGroupId: functions.id });
  }
}

interface Vpc {
  readonly vpcId: pulumi.Output<string>;
  readonly subnetIds: pulumi.Output<string[]>;
}

function createVpc(parent: Network, name: string, { settings }: NetworkArgs): Vpc {
  const nat = natStrategies[settings.natGateways];
  const vpc = new awsx.ec2.Vpc(
    `${name}-vpc`,
    {
      cidrBlock: settings.vpcCidr,
      numberOfAvailabilityZones: settings.availabilityZones,
      // The private name of the Secrets Manager endpoint needs both.
      enableDnsHostnames: true,
      enableDnsSupport: true,
      subnetStrategy: "Auto",
      subnetSpecs: nat === "None" ? [{ type: "Private" }] : [{ type: "Private" }, { type: "Public" }],
      natGateways: { strategy: nat },
    },
    { parent },
  );
  return { vpcId: vpc.vpcId, subnetIds: vpc.privateSubnetIds };
}

function existingVpc({ settings }: NetworkArgs): Vpc {
  return { vpcId: pulumi.output(settings.vpcId), subnetIds: pulumi.output([...settings.subnetIds]) };
}

/** To the endpoint that the VPC has already, or to a new one. */
function reachSecrets(
  parent: Network,
  name: string,
  { deployment, settings }: NetworkArgs,
  { vpcId, subnetIds, functions }: Vpc & { readonly functions: pulumi.Output<string> },
): void {
  const existing = settings.secretsEndpointSecurityGroup;
  const endpointSecurityGroupId =
    existing === ""
      ? createSecretsEndpoint(parent, name, { deployment, vpcId, subnetIds, functions })
      : pulumi.output(existing);
  new aws.vpc.SecurityGroupEgressRule(
    `${name}-to-secrets`,
    {
      securityGroupId: functions,
      referencedSecurityGroupId: endpointSecurityGroupId,
      ...https,
      description: "To Secrets Manager",
    },
    { parent },
  );
}

const https = { ipProtocol: "tcp", fromPort: 443, toPort: 443 };

function createSecretsEndpoint(
  parent: Network,
  name: string,
  args: Vpc & { readonly deployment: Deployment; readonly functions: pulumi.Output<string> },
): pulumi.Output<string> {
  const securityGroup = new aws.ec2.SecurityGroup(
    `${name}-secrets`,
    { vpcId: args.vpcId, description: "Secrets Manager endpoint of the functions of the sync" },
    { parent },
  );
  new aws.vpc.SecurityGroupIngressRule(
    `${name}-secrets-from-functions`,
    {
      securityGroupId: securityGroup.id,
      referencedSecurityGroupId: args.functions,
      ...https,
      description: "From the functions",
    },
    { parent },
  );
  new aws.ec2.VpcEndpoint(
    `${name}-secrets-endpoint`,
    {
      vpcId: args.vpcId,
      serviceName: `com.amazonaws.${args.deployment.region}.secretsmanager`,
      vpcEndpointType: "Interface",
      privateDnsEnabled: true,
      subnetIds: args.subnetIds,
      securityGroupIds: [securityGroup.id],
      policy: pulumi.jsonStringify(readSecretsThroughEndpoint(args.deployment)),
    },
    { parent },
  );
  return securityGroup.id;
}
