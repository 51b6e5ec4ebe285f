/** What somebody is told about. The text of an alarm says what it means; docs/runbook.md says what to do. */
import * as pulumi from "@pulumi/pulumi";
import type * as aws from "@pulumi/aws";
import {
  environmentDimension,
  metricNamespace,
  metricNames,
  targetDimension,
  type MetricName,
} from "../handler/contract/metricNames";
import type { FlatSettings } from "./settingKeys";

export interface Alarm {
  /** Within the stack, or within the target. */
  readonly name: string;
  readonly meaning: string;
  readonly condition: Omit<aws.cloudwatch.MetricAlarmArgs, "name" | "alarmDescription" | "alarmActions" | "okActions">;
}

/** The function of one target, as its metrics name it. */
export interface MonitoredTarget {
  readonly name: string;
  readonly functionName: pulumi.Input<string>;
  readonly failureBucket: pulumi.Input<string>;
  /** Stream delivery only. */
  readonly mappingId: pulumi.Input<string> | undefined;
  /** Direct delivery only. */
  readonly filterName: pulumi.Input<string> | undefined;
}

const aboveThreshold = { comparisonOperator: "GreaterThanThreshold" } as const;
/** Three bad minutes of five: one alone is what retries are for. */
const lasting = { ...aboveThreshold, period: 60, evaluationPeriods: 5, datapointsToAlarm: 3 } as const;
const atOnce = { ...aboveThreshold, period: 60, evaluationPeriods: 1 } as const;
const millisecondsPerSecond = 1_000;

/** Alarms about whether a target is in step, from the handler's own metrics. */
export function stepAlarms(environment: string, target: string, settings: FlatSettings): readonly Alarm[] {
  const metric = (metricName: MetricName): Pick<Alarm["condition"], "namespace" | "metricName" | "dimensions"> => ({
    namespace: metricNamespace,
    metricName,
    dimensions: { [environmentDimension]: environment, [targetDimension]: target },
  });
  return [
    {
      name: "heartbeat",
      meaning:
        "No heartbeat has come back through the audit log: it is switched off, or its export, the subscription, the " +
        "stream or the function stands still. Changes may be missing at the target.",
      condition: {
        ...metric(metricNames.heartbeatAgeSeconds),
        ...lasting,
        statistic: "Maximum",
        threshold: settings.alarmHeartbeatSeconds,
        // The tick writes it every minute; silence means that not even the tick runs.
        treatMissingData: "breaching",
      },
    },
    {
      name: "lag",
      meaning: "Changes take longer than agreed from the source to the target.",
      condition: {
        ...metric(metricNames.lag),
        ...lasting,
        extendedStatistic: "p99",
        threshold: settings.alarmLagSeconds * millisecondsPerSecond,
        // No change, no lag.
        treatMissingData: "notBreaching",
      },
    },
    {
      name: "pending",
      meaning: "A transaction at the source has been open for long; the rows that it touched wait for its end.",
      condition: {
        ...metric(metricNames.pendingAgeSeconds),
        ...lasting,
        statistic: "Maximum",
        threshold: settings.alarmPendingSeconds,
        treatMissingData: "notBreaching",
      },
    },
    // Counted now and then, so that no news is no change: the alarm stays until a count says otherwise.
    {
      name: "dead",
      meaning: "Changes that the target refuses are set aside there and wait for a person.",
      condition: { ...metric(metricNames.dead), ...anyAtAll },
    },
    {
      name: "drift",
      meaning: "The last verification found rows that differ between source and target.",
      condition: { ...metric(metricNames.drift), ...anyAtAll },
    },
    {
      name: "stopped-routes",
      meaning: "A route cannot be followed until its table, columns or grants at the target are mended.",
      condition: { ...metric(metricNames.stoppedRoutes), ...anyAtAll },
    },
  ];
}

const anyAtAll = { ...atOnce, statistic: "Maximum", threshold: 0, treatMissingData: "ignore" } as const;

/** Alarms about the function and what it gave up on, from AWS's metrics. */
export function functionAlarms(target: MonitoredTarget, settings: FlatSettings): readonly Alarm[] {
  const metric = (metricName: string): Alarm["condition"] => ({
    namespace: "AWS/Lambda",
    metricName,
    dimensions: { FunctionName: target.functionName },
    statistic: "Sum",
    threshold: 0,
    treatMissingData: "notBreaching",
  });
  return [
    {
      name: "errors",
      meaning: "The function keeps failing; its records are tried again.",
      condition: { ...metric("Errors"), ...lasting },
    },
    {
      name: "throttles",
      meaning: "The function is refused to run: its own or the account's concurrency is used up.",
      condition: { ...metric("Throttles"), ...lasting },
    },
    {
      name: "failed-records",
      meaning: "Lambda gave up on records and put them into the failure bucket: changes are missing at the target.",
      condition:
        target.mappingId === undefined
          ? { ...metric("AsyncEventsDropped"), ...atOnce }
          : {
              ...metric("OnFailureDestinationDeliveredEventCount"),
              ...atOnce,
              dimensions: { EventSourceMappingUUID: target.mappingId },
            },
    },
    {
      name: "lost-records",
      meaning: "Lambda could not even write to the failure bucket: changes are lost until a repair.",
      condition: { ...metric("DestinationDeliveryFailures"), ...atOnce },
    },
    {
      name: "failure-bucket",
      meaning: "The failure bucket is not empty: what is in it has not reached the target. Counted by S3 once a day.",
      condition: {
        ...aboveThreshold,
        namespace: "AWS/S3",
        metricName: "NumberOfObjects",
        dimensions: { BucketName: target.failureBucket, StorageType: "AllStorageTypes" },
        statistic: "Average",
        period: 86_400,
        evaluationPeriods: 1,
        threshold: 0,
        treatMissingData: "notBreaching",
      },
    },
    ...(target.mappingId === undefined
      ? []
      : [
          {
            name: "iterator-age",
            meaning: "Records have waited in the stream for half of the time after which Lambda gives up on them.",
            condition: {
              ...metric("IteratorAge"),
              ...lasting,
              statistic: "Maximum",
              threshold: (settings.recordAgeSeconds / 2) * millisecondsPerSecond,
            },
          },
        ]),
  ];
}

/** CloudWatch Logs tries again for 24 hours when throttled, and never after any other refusal. */
export function subscriptionAlarms(filterName: pulumi.Input<string>): readonly Alarm[] {
  const query = (metric: string): Alarm["condition"] => ({
    ...aboveThreshold,
    // By filter name alone: the metric's third dimension has values that are documented nowhere.
    metricQueries: [
      {
        id: "total",
        expression: pulumi.interpolate`SELECT SUM(${metric}) FROM SCHEMA("AWS/Logs", DestinationType, FilterName, LogGroupName) WHERE FilterName = '${filterName}'`,
        period: 60,
        returnData: true,
      },
    ],
    evaluationPeriods: 5,
    datapointsToAlarm: 1,
    threshold: 0,
    treatMissingData: "notBreaching",
  });
  return [
    {
      name: "delivery-errors",
      meaning: "The audit log could not be delivered: these records are lost until a repair.",
      condition: query("DeliveryErrors"),
    },
    {
      name: "delivery-throttling",
      meaning: "The audit log is delivered more slowly than it is written; after 24 hours records would be dropped.",
      condition: { ...query("DeliveryThrottling"), datapointsToAlarm: 3 },
    },
  ];
}

export function streamAlarms(streamName: pulumi.Input<string>): readonly Alarm[] {
  return [
    {
      name: "stream-throttling",
      meaning: "The stream takes no more: it needs more shards, or on-demand mode has not caught up with a peak yet.",
      condition: {
        ...lasting,
        namespace: "AWS/Kinesis",
        metricName: "WriteProvisionedThroughputExceeded",
        dimensions: { StreamName: streamName },
        statistic: "Sum",
        threshold: 0,
        treatMissingData: "notBreaching",
      },
    },
  ];
}
