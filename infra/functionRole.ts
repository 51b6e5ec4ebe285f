import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Deployment } from "./deployment";
import { attachToVpc, keepInterfacesFromCode, policy, trustLambda, writeLog } from "./policies";

export interface FunctionRoleArgs {
  readonly deployment: Deployment;
  readonly description: string;
  readonly logRetentionDays: number;
  /** KMS key of the log. Default: one that AWS manages. */
  readonly keyArn?: pulumi.Input<string>;
  /** What this function may do beyond writing its log and being in the VPC. */
  readonly statements: readonly aws.iam.PolicyStatement[];
}

export interface FunctionRole {
  /** The role once it has its permissions: Lambda checks them when the function is made. */
  readonly readyArn: pulumi.Output<string>;
  readonly role: aws.iam.Role;
  readonly logGroup: aws.cloudwatch.LogGroup;
}

/** The execution role of a function in the VPC, with its log group. */
export function createFunctionRole(parent: pulumi.Resource, name: string, args: FunctionRoleArgs): FunctionRole {
  const logGroup = new aws.cloudwatch.LogGroup(
    `${name}-log`,
    {
      retentionInDays: args.logRetentionDays,
      ...(args.keyArn === undefined ? {} : { kmsKeyId: args.keyArn }),
    },
    { parent },
  );
  const role = new aws.iam.Role(
    `${name}-role`,
    { description: args.description, assumeRolePolicy: trustLambda() },
    { parent },
  );
  const permissions = new aws.iam.RolePolicy(
    `${name}-policy`,
    {
      role: role.id,
      policy: policy([writeLog(logGroup.arn), ...attachToVpc(args.deployment), ...args.statements]),
    },
    { parent },
  );
  const readyArn = pulumi.all([role.arn, permissions.id]).apply(([roleArn]) => roleArn);
  return { readyArn, role, logGroup };
}

/** After the function exists, its code loses what Lambda itself needs the role for. */
export function restrictCode(
  parent: pulumi.Resource,
  name: string,
  { role }: FunctionRole,
  functionArn: pulumi.Input<string>,
): void {
  new aws.iam.RolePolicy(
    `${name}-code-policy`,
    { role: role.id, policy: policy([keepInterfacesFromCode(functionArn)]) },
    { parent },
  );
}

/** What every function of this program has in common. */
export function functionDefaults({
  logGroup,
  readyArn,
}: FunctionRole): Pick<aws.lambda.FunctionArgs, "runtime" | "architectures" | "handler" | "role" | "loggingConfig"> {
  return {
    runtime: "nodejs24.x",
    architectures: ["arm64"],
    handler: "index.handler",
    role: readyArn,
    // Text, so that lines reach the log as they are: the handler writes JSON itself, and a wrapped line with metrics in
    // the embedded metric format would be no metric any more.
    loggingConfig: { logFormat: "Text", logGroup: logGroup.name },
  };
}
