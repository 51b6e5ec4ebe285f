import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import {
  functionAlarms,
  stepAlarms,
  streamAlarms,
  subscriptionAlarms,
  type Alarm,
  type MonitoredTarget,
} from "./alarms";
import type { AuditStream } from "./auditStream";
import { dashboardBody } from "./dashboard";
import { fixedName } from "./deployment";
import { publishAlarms } from "./policies";
import type { Shared } from "./shared";
import type { AuditLog } from "./sourceCluster";
import type { SyncFunction } from "./syncFunction";

export interface MonitoringArgs extends Shared {
  readonly auditLog: AuditLog;
  /** Absent with direct delivery. */
  readonly stream: AuditStream | undefined;
  /** Functions by target. */
  readonly followers: Readonly<Record<string, SyncFunction>>;
}

/** The alarms, the topic that carries them to their subscribers, and the dashboard. */
export class Monitoring extends pulumi.ComponentResource {
  readonly topicArn: pulumi.Output<string>;
  readonly dashboardName: pulumi.Output<string>;

  constructor(name: string, args: MonitoringArgs, opts?: pulumi.ComponentResourceOptions) {
    super("auditsync:index:Monitoring", name, {}, opts);
    const topic = createTopic(this, name, args);
    const alarms = allAlarms(args).map(
      ({ name: alarm, meaning, condition }) =>
        new aws.cloudwatch.MetricAlarm(
          `${name}-${alarm}`,
          {
            // Fixed: people read it in a mail at night.
            name: fixedName(args.deployment, alarm),
            alarmDescription: `${meaning} See docs/runbook.md.`,
            ...condition,
            alarmActions: [topic.arn],
            okActions: [topic.arn],
          },
          { parent: this },
        ),
    );
    const dashboard = new aws.cloudwatch.Dashboard(
      `${name}-dashboard`,
      {
        // CloudWatch wants a name; people find it by the stack's.
        dashboardName: `${args.deployment.project}-${args.deployment.stack}`,
        dashboardBody: pulumi.jsonStringify(
          dashboardBody({
            environment: args.deployment.stack,
            region: args.deployment.region,
            alarmArns: alarms.map(({ arn }) => arn),
            targets: monitoredTargets(args),
            auditLogName: args.auditLog.name,
            streamName: args.stream?.name,
          }),
        ),
      },
      { parent: this },
    );
    this.topicArn = topic.arn;
    this.dashboardName = dashboard.dashboardName;
    this.registerOutputs({ topicArn: this.topicArn, dashboardName: this.dashboardName });
  }
}

function monitoredTargets({ followers }: MonitoringArgs): readonly MonitoredTarget[] {
  return Object.entries(followers).map(([name, { functionName, failureBucket, mappingId, filterName }]) => ({
    name,
    functionName,
    failureBucket,
    mappingId,
    filterName,
  }));
}

/** Every alarm of the stack under its name: `<target>-<alarm>` or `<alarm>`. */
function allAlarms(args: MonitoringArgs): readonly Alarm[] {
  const { deployment, settings, stream } = args;
  const ofTarget = (target: MonitoredTarget): readonly Alarm[] =>
    [
      ...stepAlarms(deployment.stack, target.name, settings.flat),
      ...functionAlarms(target, settings.flat),
      ...(target.filterName === undefined ? [] : subscriptionAlarms(target.filterName)),
    ].map((alarm) => ({ ...alarm, name: `${target.name}-${alarm.name}` }));
  return [
    ...monitoredTargets(args).flatMap(ofTarget),
    ...(stream === undefined ? [] : [...subscriptionAlarms(stream.filterName), ...streamAlarms(stream.name)]),
  ];
}

function createTopic(
  parent: Monitoring,
  name: string,
  { deployment, settings, keyArn }: MonitoringArgs,
): aws.sns.Topic {
  const topic = new aws.sns.Topic(
    `${name}-topic`,
    {
      displayName: `${deployment.project} ${deployment.stack}`,
      ...(keyArn === undefined ? {} : { kmsMasterKeyId: keyArn }),
    },
    { parent },
  );
  new aws.sns.TopicPolicy(
    `${name}-topic-policy`,
    { arn: topic.arn, policy: publishAlarms(deployment, topic.arn) },
    { parent },
  );
  settings.flat.alarmSubscribers.forEach((endpoint) => {
    new aws.sns.TopicSubscription(
      `${name}-to-${endpoint}`,
      { topic: topic.arn, protocol: endpoint.startsWith("https://") ? "https" : "email", endpoint },
      { parent },
    );
  });
  return topic;
}
