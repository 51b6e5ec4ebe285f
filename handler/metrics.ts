import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import {
  environmentDimension,
  metricNamespace,
  metricNames,
  targetDimension,
  wideningMetric,
  type MetricName,
} from "./contract/metricNames";
import type { Outcome } from "./sync/worker";

/** A metric takes a hundred values in the embedded metric format, and at the hundredth the library writes by itself. */
const maximumValues = 99;

type Unit = (typeof MetricUnit)[keyof typeof MetricUnit];

const units: Partial<Record<MetricName, Unit>> = {
  [metricNames.lag]: MetricUnit.Milliseconds,
  [metricNames.refreshTime]: MetricUnit.Milliseconds,
  [metricNames.pendingAgeSeconds]: MetricUnit.Seconds,
  [metricNames.heartbeatAgeSeconds]: MetricUnit.Seconds,
};

/** When an invocation began and ended, in milliseconds since the epoch. */
export interface Period {
  readonly startedAtMs: number;
  readonly endedAtMs: number;
}

/**
 * An invocation's outcome as one line of the embedded metric format. `properties` say which invocation it was; they can be
 * searched for and are no metrics.
 *
 * The library is AWS's own, Powertools. Of its dimensions `service` goes: alarms and dashboard know each metric by
 * environment and target alone.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function metricLine(
  outcome: Outcome,
  dimensions: { environment: string; target: string },
  { startedAtMs, endedAtMs }: Period,
  properties: Readonly<Record<string, string>> = {},
): string {
  const metrics = new Metrics({ namespace: metricNamespace });
  metrics.clearDefaultDimensions();
  metrics.setDefaultDimensions({
    [environmentDimension]: dimensions.environment,
    [targetDimension]: dimensions.target,
  });
  metrics.setTimestamp(endedAtMs);
  for (const [name, value] of Object.entries(properties)) metrics.addMetadata(name, value);
  for (const [name, value] of Object.entries(countsOf(outcome))) metrics.addMetric(name, MetricUnit.Count, value);
  const add = (name: MetricName, value: number): void => {
    metrics.addMetric(name, units[name] ?? MetricUnit.Count, value);
  };
  add(metricNames.pendingAgeSeconds, outcome.pending.ageSeconds);
  add(metricNames.refreshTime, endedAtMs - startedAtMs);
  for (const lagMs of sample(outcome.lagMs)) add(metricNames.lag, lagMs);
  if (outcome.heartbeatMs !== undefined) add(metricNames.heartbeatAgeSeconds, age(outcome.heartbeatMs, endedAtMs));
  return JSON.stringify(metrics.serializeMetrics());
}

function countsOf(outcome: Outcome): Readonly<Record<string, number>> {
  const widenings = [...outcome.widenings];
  return {
    [metricNames.records]: outcome.records,
    [metricNames.rowsWritten]: outcome.written,
    [metricNames.rowsDeleted]: outcome.deleted,
    [metricNames.touchesKeys]: outcome.touches.keys,
    [metricNames.touchesWhere]: outcome.touches.where,
    [metricNames.touchesTail]: outcome.touches.tail,
    [metricNames.touchesAll]: outcome.touches.all,
    [metricNames.widenings]: widenings.reduce((sum, [, count]) => sum + count, 0),
    ...Object.fromEntries(widenings.map(([reason, count]) => [wideningMetric(reason), count])),
    [metricNames.pending]: outcome.pending.count,
    [metricNames.jobs]: outcome.jobs,
    [metricNames.dead]: outcome.dead,
    [metricNames.drift]: outcome.drift,
    [metricNames.stoppedRoutes]: outcome.stopped.length,
  };
}

/** In whole seconds. */
export function age(sinceMs: number, nowMs: number): number {
  return Math.max(0, Math.round((nowMs - sinceMs) / 1_000));
}

/** Evenly chosen values, the largest among them: percentiles stay close and the worst is never left out. */
function sample(values: readonly number[]): readonly number[] {
  if (values.length <= maximumValues) return values;
  const sorted = Float64Array.from(values).sort();
  return Array.from(
    { length: maximumValues },
    (_, index) => sorted[Math.round((index * (sorted.length - 1)) / (maximumValues - 1))] ?? 0,
  );
}
