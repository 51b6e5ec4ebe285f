import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { DatabaseEngine } from "../handler/contract/databaseUsers";
import { majorVersion } from "./auditLog";
import type { ServerParameter } from "./serverParameters";

export interface ServerParameterGroupArgs {
  readonly engine: DatabaseEngine;
  readonly version: string;
  readonly parameters: readonly ServerParameter[];
}

/** The parameter group of a cluster (Aurora) or of an instance, with TLS required; returns its name. */
export function createServerParameterGroup(
  parent: pulumi.Resource,
  name: string,
  { engine, version, parameters }: ServerParameterGroupArgs,
): pulumi.Output<string> {
  const args = {
    family: `${engine}${majorVersion(version)}`,
    parameters: [secureTransport(engine), ...parameters].map((parameter) => ({
      name: parameter.name,
      value: parameter.value,
      applyMethod: parameter.isStatic ? "pending-reboot" : "immediate",
    })),
  };
  return engine === "aurora-mysql"
    ? new aws.rds.ClusterParameterGroup(`${name}-parameters`, args, { parent }).name
    : new aws.rds.ParameterGroup(`${name}-parameters`, args, { parent }).name;
}

/** Tokens and rows never travel in clear text. */
function secureTransport(engine: DatabaseEngine): ServerParameter {
  return { name: "require_secure_transport", value: engine === "aurora-mysql" ? "ON" : "1", isStatic: false };
}
