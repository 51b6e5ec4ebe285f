import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { OwnedDatabase } from "./databaseSettings";
import type { Network } from "./network";

/** Port of every database that this program creates. */
export const databasePort = 3306;

export interface DatabaseServerArgs {
  readonly settings: OwnedDatabase;
  /** Fixed where a log group has to be named after it beforehand. Default: Pulumi's own naming. */
  readonly identifier?: string;
  readonly parameterGroupName: pulumi.Input<string>;
  readonly optionGroupName?: pulumi.Input<string>;
  readonly exportAuditLog: boolean;
  readonly network: Network;
  /** KMS key for storage and the administrator's secret. Default: keys that AWS manages. */
  readonly keyArn?: pulumi.Input<string>;
  /** Protects server and data from being deleted, by Pulumi and by anybody, and takes a final snapshot. */
  readonly protectData: boolean;
  readonly finalSnapshot: string;
  readonly backupRetentionDays: number;
  /** What has to be there before the server, such as its log group. */
  readonly dependsOn: readonly pulumi.Resource[];
}

/** Where a server is, and who administers it. */
export interface ServerAddress {
  /** The writer's address. */
  readonly host: pulumi.Output<string>;
  readonly port: pulumi.Output<number>;
  /** What the permission to log in with a token names. */
  readonly resourceId: pulumi.Output<string>;
  /** Secret that RDS made and rotates. */
  readonly administratorSecretArn: pulumi.Output<string>;
}

/** A running server, to connect to and to make users on. */
export interface DatabaseServer extends ServerAddress {
  /** Wait for these before connecting. */
  readonly ready: readonly pulumi.Resource[];
}

export interface DatabaseAccess {
  readonly subnetGroupName: pulumi.Output<string>;
  readonly securityGroupId: pulumi.Output<string>;
}

/** The network side of a new database: its subnets, and the functions as the only way in. */
export function createAccess(parent: pulumi.Resource, name: string, network: Network): DatabaseAccess {
  const subnets = new aws.rds.SubnetGroup(`${name}-subnets`, { subnetIds: network.subnetIds }, { parent });
  const securityGroup = new aws.ec2.SecurityGroup(
    `${name}-access`,
    { vpcId: network.vpcId, description: "Database of the sync: in from its functions only" },
    { parent },
  );
  new aws.vpc.SecurityGroupIngressRule(
    `${name}-from-functions`,
    {
      securityGroupId: securityGroup.id,
      referencedSecurityGroupId: network.functionsSecurityGroupId,
      ...mysql(databasePort),
      description: "From the functions of the sync",
    },
    { parent },
  );
  reachDatabase(parent, name, network, { securityGroup: securityGroup.id }, databasePort);
  return { subnetGroupName: subnets.name, securityGroupId: securityGroup.id };
}

/** Lets the functions out to one database. */
export function reachDatabase(
  parent: pulumi.Resource,
  name: string,
  network: Network,
  where: { readonly securityGroup: pulumi.Input<string> } | { readonly cidr: string },
  port: pulumi.Input<number>,
): void {
  new aws.vpc.SecurityGroupEgressRule(
    `${name}-from-functions-out`,
    {
      securityGroupId: network.functionsSecurityGroupId,
      ...("cidr" in where ? { cidrIpv4: where.cidr } : { referencedSecurityGroupId: where.securityGroup }),
      ...mysql(port),
      description: `To ${name}`,
    },
    { parent },
  );
}

function mysql(port: pulumi.Input<number>): {
  readonly ipProtocol: string;
  readonly fromPort: pulumi.Input<number>;
  readonly toPort: pulumi.Input<number>;
} {
  return { ipProtocol: "tcp", fromPort: port, toPort: port };
}

/** Well-formed where a policy wants an ARN, and the name of no secret. */
const noSecret = "arn:aws:secretsmanager:*:*:secret:none";

/** RDS makes one because of `manageMasterUserPassword`; only a mocked RDS answers without it. */
export function administratorSecret(
  secrets: pulumi.Output<readonly { readonly secretArn: string }[] | undefined>,
): pulumi.Output<string> {
  return secrets.apply((list) => list?.[0]?.secretArn ?? noSecret);
}
