import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { DatabaseEngine } from "../handler/contract/databaseUsers";
import { auditOptionSettings, auroraAuditParameters, majorVersion, type AuditedUsers } from "./auditLog";
import { createServerParameterGroup } from "./serverParameterGroup";
import type { ServerParameter } from "./serverParameters";

export interface AuditParameterGroupArgs {
  readonly engine: DatabaseEngine;
  /** Engine version; its first two numbers choose the family. */
  readonly version: string;
  readonly users: AuditedUsers;
  /** Further server parameters. */
  readonly parameters: readonly ServerParameter[];
}

/**
 * Switches the audit log on: on Aurora in the cluster's parameter group, on RDS through the option MARIADB_AUDIT_PLUGIN
 * beside the instance's parameter group.
 */
export class AuditParameterGroup extends pulumi.ComponentResource {
  readonly parameterGroupName: pulumi.Output<string>;
  /** RDS only. */
  readonly optionGroupName: pulumi.Output<string> | undefined;

  constructor(name: string, args: AuditParameterGroupArgs, opts?: pulumi.ComponentResourceOptions) {
    super("auditsync:index:AuditParameterGroup", name, {}, opts);
    const { engine, version, users } = args;
    const audit = engine === "aurora-mysql" ? auroraAuditParameters(users) : [];
    this.parameterGroupName = createServerParameterGroup(this, name, {
      engine,
      version,
      parameters: [...audit.map((parameter) => ({ ...parameter, isStatic: false })), ...args.parameters],
    });
    this.optionGroupName = engine === "aurora-mysql" ? undefined : createOptionGroup(this, name, { ...args, engine });
    this.registerOutputs({ parameterGroupName: this.parameterGroupName, optionGroupName: this.optionGroupName });
  }
}

function createOptionGroup(
  parent: AuditParameterGroup,
  name: string,
  { engine, version, users }: AuditParameterGroupArgs & { readonly engine: "mysql" | "mariadb" },
): pulumi.Output<string> {
  const group = new aws.rds.OptionGroup(
    `${name}-options`,
    {
      engineName: engine,
      majorEngineVersion: majorVersion(version),
      optionGroupDescription: "Audit log of the source",
      options: [
        {
          optionName: "MARIADB_AUDIT_PLUGIN",
          optionSettings: auditOptionSettings(engine, users).map(({ name: setting, value }) => ({
            name: setting,
            value,
          })),
        },
      ],
    },
    { parent },
  );
  return group.name;
}
