import * as pulumi from "@pulumi/pulumi";

/** Where the stack lives: what names and ARNs are made of. */
export interface Deployment {
  readonly project: string;
  readonly stack: string;
  readonly region: string;
  readonly accountId: pulumi.Output<string>;
}

/** Of the ARNs in a region: `aws`, but for China and the government's regions. */
export function partitionOf(region: string): string {
  if (region.startsWith("cn-")) return "aws-cn";
  return region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
}

/** `arn:aws:<service>:<region>:<account>:<resource>` */
export function arn(
  { region, accountId }: Deployment,
  service: string,
  resource: pulumi.Input<string>,
): pulumi.Output<string> {
  return pulumi.interpolate`arn:${partitionOf(region)}:${service}:${region}:${accountId}:${resource}`;
}

/** A name that AWS or a person has to know beforehand; everything else gets Pulumi's own names. */
export function fixedName({ project, stack }: Deployment, role: string): string {
  return `${project}-${stack}-${role}`;
}

/** On everything that can carry tags. */
export function defaultTags(project: string, stack: string, owner: string): Readonly<Record<string, string>> {
  return { Project: project, Environment: stack, ManagedBy: "pulumi", ...(owner === "" ? {} : { Owner: owner }) };
}
