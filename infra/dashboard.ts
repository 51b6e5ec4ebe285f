/** The body of the dashboard: at the top whether every target is in step, below why not. */
import type * as pulumi from "@pulumi/pulumi";
import {
  environmentDimension,
  metricNamespace,
  metricNames,
  targetDimension,
  type MetricName,
} from "../handler/contract/metricNames";
import type { MonitoredTarget } from "./alarms";

export interface DashboardArgs {
  readonly environment: string;
  readonly region: string;
  readonly alarmArns: readonly pulumi.Input<string>[];
  readonly targets: readonly MonitoredTarget[];
  readonly auditLogName: pulumi.Input<string>;
  /** Stream delivery only. */
  readonly streamName: pulumi.Input<string> | undefined;
}

interface Widget {
  readonly type: "alarm" | "metric" | "text";
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** `[namespace, metric, dimension, value, .., { label, stat }]` */
type MetricRow = readonly unknown[];

const fullWidth = 24;
const third = fullWidth / 3;
const graphHeight = 6;
const titleHeight = 1;
const numbersHeight = 3;
const alarmsHeight = 4;
/** CloudWatch refuses more alarms in one widget. */
const alarmsPerWidget = 100;
const targetHeight = titleHeight + numbersHeight + 2 * graphHeight;

/** Goes through pulumi.jsonStringify, which resolves the names. */
export function dashboardBody(args: DashboardArgs): { readonly start: string; readonly widgets: readonly Widget[] } {
  const alarms = alarmRows(args.alarmArns);
  const top = alarms.length * alarmsHeight;
  return {
    start: "-PT3H",
    widgets: [
      ...alarms,
      ...args.targets.flatMap((target, index) => targetRows(args, target, top + index * targetHeight)),
      ...pathRow(args, top + args.targets.length * targetHeight),
    ],
  };
}

function alarmRows(arns: DashboardArgs["alarmArns"]): readonly Widget[] {
  return Array.from({ length: Math.ceil(arns.length / alarmsPerWidget) }, (_, row) => ({
    type: "alarm",
    ...{ x: 0, y: row * alarmsHeight, width: fullWidth, height: alarmsHeight },
    properties: {
      title: "In step: everything green",
      alarms: arns.slice(row * alarmsPerWidget, (row + 1) * alarmsPerWidget),
      sortBy: "stateUpdatedTimestamp",
    },
  }));
}

function targetRows({ environment, region }: DashboardArgs, target: MonitoredTarget, top: number): readonly Widget[] {
  const own = (name: MetricName, label: string, stat: string): MetricRow => [
    ...[metricNamespace, name, environmentDimension, environment, targetDimension, target.name],
    { label, stat },
  ];
  const lambda = (name: string, stat: string): MetricRow => [
    ...["AWS/Lambda", name, "FunctionName", target.functionName],
    { label: name, stat },
  ];
  const numbers = top + titleHeight;
  const upper = numbers + numbersHeight;
  const lower = upper + graphHeight;
  return [
    {
      type: "text",
      ...{ x: 0, y: top, width: fullWidth, height: titleHeight },
      properties: { markdown: `## ${target.name}`, background: "transparent" },
    },
    {
      type: "metric",
      ...{ x: 0, y: numbers, width: fullWidth, height: numbersHeight },
      properties: {
        ...{ view: "singleValue", region, period: 60, title: "Now" },
        metrics: [
          own(metricNames.heartbeatAgeSeconds, "Heartbeat age (s)", "Maximum"),
          own(metricNames.lag, "Lag p99 (ms)", "p99"),
          own(metricNames.pending, "Waiting for open transactions", "Maximum"),
          own(metricNames.jobs, "Background jobs", "Maximum"),
          own(metricNames.dead, "Set aside", "Maximum"),
          own(metricNames.drift, "Rows that differ", "Maximum"),
          own(metricNames.stoppedRoutes, "Stopped routes", "Maximum"),
        ],
      },
    },
    graph(region, 0, upper, "Lag (ms)", [own(metricNames.lag, "p50", "p50"), own(metricNames.lag, "p99", "p99")]),
    graph(region, 1, upper, "Rows", [
      own(metricNames.rowsWritten, "written", "Sum"),
      own(metricNames.rowsDeleted, "deleted", "Sum"),
      own(metricNames.records, "audit records", "Sum"),
    ]),
    graph(region, 2, upper, "Touches", [
      own(metricNames.touchesKeys, "by key", "Sum"),
      own(metricNames.touchesWhere, "by predicate", "Sum"),
      own(metricNames.touchesTail, "new keys", "Sum"),
      own(metricNames.touchesAll, "whole table", "Sum"),
      own(metricNames.widenings, "widened", "Sum"),
    ]),
    graph(region, 0, lower, "Waiting (s)", [
      own(metricNames.pendingAgeSeconds, "oldest open transaction", "Maximum"),
      own(metricNames.heartbeatAgeSeconds, "heartbeat", "Maximum"),
    ]),
    graph(region, 1, lower, "Batch (ms)", [
      own(metricNames.refreshTime, "p50", "p50"),
      own(metricNames.refreshTime, "p99", "p99"),
      ...(target.mappingId === undefined ? [] : [lambda("IteratorAge", "Maximum")]),
    ]),
    graph(region, 2, lower, "Function", [
      lambda("Invocations", "Sum"),
      lambda("Errors", "Sum"),
      lambda("Throttles", "Sum"),
      lambda("ConcurrentExecutions", "Maximum"),
    ]),
  ];
}

function pathRow({ region, auditLogName, streamName }: DashboardArgs, top: number): readonly Widget[] {
  const log = (name: string, stat: string): MetricRow => [
    ...["AWS/Logs", name, "LogGroupName", auditLogName],
    { label: name, stat },
  ];
  const stream = (name: string): MetricRow => [
    ...["AWS/Kinesis", name, "StreamName", streamName],
    { label: name, stat: "Sum" },
  ];
  const logGraphs = [
    graph(region, 0, top, "Audit log: records", [log("IncomingLogEvents", "Sum")]),
    graph(region, 1, top, "Audit log: bytes", [log("IncomingBytes", "Sum")]),
  ];
  if (streamName === undefined) return logGraphs;
  const title = "Stream";
  return [
    ...logGraphs,
    graph(region, 2, top, title, [
      stream("IncomingRecords"),
      stream("IncomingBytes"),
      stream("WriteProvisionedThroughputExceeded"),
      stream("ReadProvisionedThroughputExceeded"),
    ]),
  ];
}

function graph(region: string, column: number, y: number, title: string, metrics: readonly MetricRow[]): Widget {
  return {
    type: "metric",
    ...{ x: column * third, y, width: third, height: graphHeight },
    properties: { view: "timeSeries", stacked: false, region, period: 60, title, metrics },
  };
}
