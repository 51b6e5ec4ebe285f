import {
  environmentDimension,
  metricNamespace,
  metricNames,
  targetDimension,
  type MetricName,
} from "./contract/metricNames";
import type { Outcome } from "./sync/worker";

/** One metric takes at most this many values in the embedded metric format. */
const maximumValues = 100;

const units: Partial<Record<MetricName, string>> = {
  [metricNames.lag]: "Milliseconds",
  [metricNames.refreshTime]: "Milliseconds",
  [metricNames.pendingAgeSeconds]: "Seconds",
  [metricNames.heartbeatAgeSeconds]: "Seconds",
};

/**
 * An invocation's outcome as one line of the embedded metric format.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function metricLine(
  outcome: Outcome,
  dimensions: { environment: string; target: string },
  startedAtMs: number,
  nowMs: number,
): string {
  const values: Partial<Record<MetricName, number | readonly number[]>> = {
    [metricNames.records]: outcome.records,
    [metricNames.rowsWritten]: outcome.written,
    [metricNames.rowsDeleted]: outcome.deleted,
    [metricNames.touchesKeys]: outcome.touches.keys,
    [metricNames.touchesWhere]: outcome.touches.where,
    [metricNames.touchesTail]: outcome.touches.tail,
    [metricNames.touchesAll]: outcome.touches.all,
    [metricNames.widenings]: outcome.widenings,
    [metricNames.pending]: outcome.pending.count,
    [metricNames.pendingAgeSeconds]: outcome.pending.ageSeconds,
    [metricNames.jobs]: outcome.jobs,
    [metricNames.dead]: outcome.dead,
    [metricNames.stoppedRoutes]: outcome.stopped.length,
    [metricNames.refreshTime]: nowMs - startedAtMs,
  };
  if (outcome.lagMs.length > 0) values[metricNames.lag] = sample(outcome.lagMs);
  if (outcome.heartbeatMs !== undefined) {
    values[metricNames.heartbeatAgeSeconds] = Math.max(0, Math.round((nowMs - outcome.heartbeatMs) / 1_000));
  }
  const names = Object.keys(values) as MetricName[];
  return JSON.stringify({
    _aws: {
      Timestamp: nowMs,
      CloudWatchMetrics: [
        {
          Namespace: metricNamespace,
          Dimensions: [[environmentDimension, targetDimension]],
          Metrics: names.map((name) => ({ Name: name, Unit: units[name] ?? "Count" })),
        },
      ],
    },
    [environmentDimension]: dimensions.environment,
    [targetDimension]: dimensions.target,
    ...values,
  });
}

/** Evenly chosen values, the largest among them: percentiles stay close and the worst is never left out. */
function sample(values: readonly number[]): readonly number[] {
  if (values.length <= maximumValues) return values;
  const sorted = [...values].sort((a, b) => a - b);
  return Array.from(
    { length: maximumValues },
    (_, index) => sorted[Math.round((index * (sorted.length - 1)) / (maximumValues - 1))] ?? 0,
  );
}
