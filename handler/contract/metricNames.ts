/** Names of the CloudWatch metrics. The handler writes them, the alarms and the dashboard read them. */

export const metricNamespace = "AuditSync";

/** Dimensions of every metric: the stack and the target. */
export const environmentDimension = "environment";
export const targetDimension = "target";

export const metricNames = {
  /** Milliseconds from the statement's record at the source to the commit at the target. */
  lag: "Lag",
  /** Audit records read, of any operation. */
  records: "Records",
  rowsWritten: "RowsWritten",
  rowsDeleted: "RowsDeleted",
  touchesKeys: "TouchesKeys",
  touchesWhere: "TouchesWhere",
  touchesTail: "TouchesTail",
  touchesAll: "TouchesAll",
  /** Touches that had to select a whole table; {@link wideningMetric} counts them for each reason. */
  widenings: "Widenings",
  /** Touches that wait for a transaction of the source to end, and the seconds that the oldest has waited. */
  pending: "Pending",
  pendingAgeSeconds: "PendingAgeSeconds",
  /** Unfinished background refreshes (backfill, verify, repair, `all` on a large table). */
  jobs: "Jobs",
  /** Touches and records set aside at the target, to be looked at by a person. */
  dead: "Dead",
  /** Routes that cannot be followed until somebody mends the target's schema or grants. */
  stoppedRoutes: "StoppedRoutes",
  /** Rows that the last verification found to differ after the touches in flight were applied, and nobody repaired yet. */
  drift: "Drift",
  /** Seconds since the last heartbeat that came back through the audit log was sent, or since the first was due. */
  heartbeatAgeSeconds: "HeartbeatAgeSeconds",
  /** Milliseconds of one batch from the event to the acknowledgement. */
  refreshTime: "RefreshTime",
} as const;

/** `insert-select` → `WideningsInsertSelect`: written when it happens. */
export function wideningMetric(reason: string): string {
  return `${metricNames.widenings}${reason.replace(/(?:^|-)([a-z])/gu, (_, letter: string) => letter.toUpperCase())}`;
}

export type MetricName = (typeof metricNames)[keyof typeof metricNames];
