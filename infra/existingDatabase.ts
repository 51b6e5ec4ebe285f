import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { DatabaseEngine } from "../handler/contract/databaseUsers";
import type { DatabaseConnection } from "./databaseConnection";
import type { ExistingDatabase, ExternalDatabase } from "./databaseSettings";
import { reachDatabase } from "./databaseServer";
import type { Network } from "./network";

/** Looks a cluster or instance up. Nothing of it is changed; its owner lets the functions in. */
export function connectToExisting(
  parent: pulumi.Resource,
  name: string,
  network: Network,
  { engine, identifier, credentials }: ExistingDatabase,
): DatabaseConnection {
  const found = engine === "aurora-mysql" ? findCluster(parent, identifier) : findInstance(parent, identifier);
  const host = pulumi
    .all([found.engine, found.host])
    .apply(([actual, address]) => checkedHost(identifier, engine, actual, address));
  reachDatabase(parent, name, network, { securityGroup: found.securityGroupId }, found.port);
  return { engine, host, port: found.port, tls: "rds", credentials, resourceId: found.resourceId };
}

/** A server that this program knows the address of, and nothing else. */
export function connectToExternal(
  parent: pulumi.Resource,
  name: string,
  network: Network,
  { engine, host, port, tls, reachedAt, credentials, resourceId }: ExternalDatabase,
): DatabaseConnection {
  reachDatabase(parent, name, network, reachedAt, port);
  return { engine, host, port, tls, credentials, ...(resourceId === undefined ? {} : { resourceId }) };
}

interface Found {
  readonly engine: pulumi.Output<string | undefined>;
  readonly host: pulumi.Output<string>;
  readonly port: pulumi.Output<number>;
  readonly resourceId: pulumi.Output<string>;
  /** One of the database's groups; where there are several, reaching one of them is enough. */
  readonly securityGroupId: pulumi.Output<string>;
}

function findCluster(parent: pulumi.Resource, clusterIdentifier: string): Found {
  const cluster = aws.rds.getClusterOutput({ clusterIdentifier }, { parent });
  return {
    engine: cluster.engine,
    host: cluster.endpoint,
    port: cluster.port,
    resourceId: cluster.clusterResourceId,
    securityGroupId: first(cluster.vpcSecurityGroupIds),
  };
}

function findInstance(parent: pulumi.Resource, dbInstanceIdentifier: string): Found {
  const instance = aws.rds.getInstanceOutput({ dbInstanceIdentifier }, { parent });
  return {
    engine: instance.engine,
    host: instance.address,
    port: instance.port,
    resourceId: instance.resourceId,
    securityGroupId: first(instance.vpcSecurityGroups),
  };
}

/** Every database in a VPC has a security group; AWS lists them in any order, and the rule should not wander. */
function first(ids: pulumi.Output<readonly string[] | undefined>): pulumi.Output<string> {
  return ids.apply((list) => [...(list ?? [])].sort()[0] ?? "");
}

/** Refused at preview, where the lookup has run: a mixed-up engine would be found out only by the first statement. */
function checkedHost(identifier: string, expected: DatabaseEngine, actual: string | undefined, host: string): string {
  if (actual === undefined || actual === expected) return host;
  throw new pulumi.RunError(
    `${identifier} runs ${actual}, but its engine is configured as ${expected}; set the engine that it runs`,
  );
}
