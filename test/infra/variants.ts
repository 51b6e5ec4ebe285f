/** The stacks of the repository and the ways to configure them otherwise; each is deployed once for all tests. */
import { secretArn } from "./mockedAws";
import { deployStack, type Config, type DeployedStack } from "./stackFiles";

interface Variant {
  readonly stack: "dev" | "prod";
  readonly changes: Config;
}

const orders = [{ source: "shop.orders", target: "crm.order_status" }];
const kmsKeyArn = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555";
const ofNewSource = { sourceVersion: undefined, sourceInstanceClass: undefined, sourceCapacity: undefined };

export const variants = {
  dev: { stack: "dev", changes: {} },
  prod: { stack: "prod", changes: {} },
  "existing VPC": {
    stack: "dev",
    changes: {
      vpcId: "vpc-0fedcba9876543210",
      subnetIds: ["subnet-0fedcba9876543211", "subnet-0fedcba9876543212"],
      secretsEndpointSecurityGroup: "sg-0fedcba9876543213",
    },
  },
  "existing cluster": {
    stack: "prod",
    changes: {
      ...ofNewSource,
      sourceIdentifier: "shop-production",
      targets: [
        { name: "crm", database: { engine: "mariadb", identifier: "crm-production" }, routes: orders },
        {
          name: "search",
          database: { engine: "mysql", host: "search.example.com", cidr: "10.20.0.0/16", resourceId: "db-SEARCH1" },
          routes: [{ source: "shop.*" }],
        },
      ],
    },
  },
  "RDS MySQL": { stack: "dev", changes: { ...ofNewSource, sourceEngine: "mysql" } },
  "RDS MariaDB": {
    stack: "prod",
    changes: {
      ...ofNewSource,
      sourceEngine: "mariadb",
      sourceParameters: [{ name: "max_connections", value: "500" }],
      auditedUsers: ["app", "batch"],
    },
  },
  "direct delivery": { stack: "dev", changes: { delivery: "direct" } },
  "one target": {
    stack: "dev",
    changes: { targets: [{ name: "crm", database: { engine: "aurora-mysql" }, routes: orders }] },
  },
  "imported secrets": {
    stack: "dev",
    changes: {
      ...ofNewSource,
      encryptionKey: kmsKeyArn,
      sourceIdentifier: "shop-production",
      sourceSecretArn: secretArn("sync-at-source"),
      heartbeatSecretArn: secretArn("heartbeat"),
      sourceSecretsKmsKeyArn: kmsKeyArn,
      targets: [
        {
          name: "crm",
          database: {
            engine: "mysql",
            ...{ host: "crm.example.com", port: 3310, tls: "system", securityGroup: "sg-0fedcba9876543214" },
            secretArn: secretArn("sync-at-crm"),
          },
          routes: orders,
        },
      ],
    },
  },
} as const satisfies Record<string, Variant>;

export type VariantName = keyof typeof variants;
export const variantNames = Object.keys(variants) as VariantName[];

const deployments = new Map<string, Promise<DeployedStack>>();

/** Bundling takes seconds on a busy machine: what asks for a deployment sets its timeout accordingly. */
export const deploymentTimeoutMs = 120_000;

export async function deployed(name: VariantName, preview = false): Promise<DeployedStack> {
  const key = `${name} ${String(preview)}`;
  const { stack, changes } = variants[name];
  const deployment = deployments.get(key) ?? deployStack(stack, changes, { preview });
  deployments.set(key, deployment);
  return await deployment;
}
