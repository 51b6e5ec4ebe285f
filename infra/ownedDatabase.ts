import type * as pulumi from "@pulumi/pulumi";
import { createAuroraCluster } from "./auroraCluster";
import { createAccess, type DatabaseServer, type DatabaseServerArgs } from "./databaseServer";
import { createRdsInstance } from "./rdsInstance";

/** An Aurora cluster or an RDS instance in the network, which the functions can reach. */
export function createDatabaseServer(parent: pulumi.Resource, name: string, args: DatabaseServerArgs): DatabaseServer {
  const access = createAccess(parent, name, args.network);
  const create = args.settings.engine === "aurora-mysql" ? createAuroraCluster : createRdsInstance;
  const address = create(parent, name, { ...args, ...access });
  // The parent stands for all of its children: instances, and the rules that let the functions in and out.
  return { ...address, ready: [args.network, parent] };
}
