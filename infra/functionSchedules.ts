import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { arn, type Deployment } from "./deployment";
import { invoke, policy, trustService } from "./policies";

export interface FunctionSchedulesArgs {
  readonly deployment: Deployment;
  readonly functionArn: pulumi.Input<string>;
  /** When to compare source and target; empty for never. */
  readonly verifySchedule: string;
  readonly dependsOn: readonly pulumi.Resource[];
}

/** The scheduler's invocations of one function: the tick of every minute, and the verification. */
export class FunctionSchedules extends pulumi.ComponentResource {
  constructor(name: string, args: FunctionSchedulesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("auditsync:index:FunctionSchedules", name, {}, opts);
    const { deployment, functionArn, verifySchedule } = args;
    // A group of its own, so that the role can be lent to these schedules alone.
    const group = new aws.scheduler.ScheduleGroup(`${name}-group`, {}, { parent: this });
    const role = new aws.iam.Role(
      `${name}-role`,
      {
        description: "Invokes the function on schedule",
        assumeRolePolicy: trustService(
          deployment,
          "scheduler.amazonaws.com",
          arn(deployment, "scheduler", pulumi.interpolate`schedule-group/${group.name}`),
        ),
      },
      { parent: this },
    );
    const permission = new aws.iam.RolePolicy(
      `${name}-policy`,
      { role: role.id, policy: policy([invoke(functionArn)]) },
      { parent: this },
    );
    const schedule = (action: string, expression: string, retries: number): void => {
      new aws.scheduler.Schedule(
        `${name}-${action}`,
        {
          groupName: group.name,
          scheduleExpression: expression,
          flexibleTimeWindow: { mode: "OFF" },
          target: {
            arn: functionArn,
            roleArn: role.arn,
            input: pulumi.jsonStringify({ action }),
            retryPolicy: { maximumRetryAttempts: retries, maximumEventAgeInSeconds: retries === 0 ? 60 : 3_600 },
          },
        },
        { parent: this, dependsOn: [permission, ...args.dependsOn] },
      );
    };
    // The next tick is a minute away, so none is tried again.
    schedule("tick", "rate(1 minute)", 0);
    if (verifySchedule !== "") schedule("verify", verifySchedule, 3);
    this.registerOutputs({ groupName: group.name });
  }
}
