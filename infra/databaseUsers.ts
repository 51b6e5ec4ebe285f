import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Account } from "../handler/contract/databaseUsers";
import type { DatabaseServer } from "./databaseServer";
import { createFunctionRole, functionDefaults, restrictCode } from "./functionRole";
import { bundleUsersFunction, functionCode } from "./handlerBundle";
import { readSecrets, useKey } from "./policies";
import type { Shared } from "./shared";

/** The accounts of one database of this stack's own. */
export interface OwnedAccounts {
  /** Names the database within the stack: `source`, or a target. */
  readonly name: string;
  readonly server: DatabaseServer;
  readonly accounts: readonly Account[];
}

export interface DatabaseUsersArgs extends Shared {
  readonly databases: readonly OwnedAccounts[];
}

/**
 * The users of the sync on databases of this stack's own: a function in the VPC, the only one that reads the
 * administrators' secrets, is invoked for each database at deployment whenever its users or grants have changed. Its SQL
 * may run any number of times. Without such a database there is nothing to make.
 */
export class DatabaseUsers extends pulumi.ComponentResource {
  /** Wait for these before logging in as one of the users. */
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: DatabaseUsersArgs, opts?: pulumi.ComponentResourceOptions) {
    super("auditsync:index:DatabaseUsers", name, {}, opts);
    if (args.databases.length === 0) {
      this.ready = [];
      this.registerOutputs({});
      return;
    }
    const fn = createFunction(this, name, args);
    this.ready = args.databases.map(
      ({ name: database, server, accounts }) =>
        new aws.lambda.Invocation(
          `${name}-${database}`,
          {
            functionName: fn.name,
            // What handler/users/plan.ts reads. Its change invokes the function again.
            input: pulumi.jsonStringify({
              host: server.host,
              port: server.port,
              administratorSecretArn: server.administratorSecretArn,
              accounts,
            }),
          },
          { parent: this, dependsOn: [...server.ready] },
        ),
    );
    this.registerOutputs({ functionName: fn.name });
  }
}

function createFunction(parent: DatabaseUsers, name: string, args: DatabaseUsersArgs): aws.lambda.Function {
  const { deployment, network, keyArn } = args;
  const secrets = args.databases.map(({ server }) => server.administratorSecretArn);
  const role = createFunctionRole(parent, name, {
    deployment,
    description: "Makes the users of the sync on databases of this stack",
    logRetentionDays: args.settings.flat.functionLogRetentionDays,
    ...(keyArn === undefined ? {} : { keyArn }),
    statements: [
      readSecrets(secrets),
      ...(keyArn === undefined
        ? []
        : [useKey(deployment, "DecryptSecrets", keyArn, ["kms:Decrypt"], ["secretsmanager"])]),
    ],
  });
  const fn = new aws.lambda.Function(
    `${name}-function`,
    {
      ...functionDefaults(role),
      description: `${deployment.project} ${deployment.stack}: makes the users of the sync`,
      code: functionCode(bundleUsersFunction()),
      memorySize: 256,
      timeout: 60,
      vpcConfig: { subnetIds: network.subnetIds, securityGroupIds: [network.functionsSecurityGroupId] },
    },
    { parent },
  );
  restrictCode(parent, name, role, fn.arn);
  return fn;
}
