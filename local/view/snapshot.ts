import { metricNames } from "../../handler/contract/metricNames";
import { percentile } from "../function/metrics";
import { type Pipeline } from "../pipeline";
import { type WorkloadProgress } from "../scenario";

/** How things stand at one moment, for people to look at. */
export interface Snapshot {
  readonly phase: string;
  readonly seconds: number;
  /** From 0 to 1; `undefined`: not known. */
  readonly share: number | undefined;
  readonly statements: number;
  readonly records: number;
  readonly targets: readonly TargetSnapshot[];
}

export interface TargetSnapshot {
  readonly name: string;
  readonly rowsWritten: number;
  readonly rowsDeleted: number;
  /** Stream records that are not acknowledged yet. */
  readonly behind: number;
  /** Median of the last values, in milliseconds; `undefined`: there are none yet. */
  readonly lagMs: number | undefined;
  readonly retries: number;
}

const recentLags = 200;

export function takeSnapshot(pipeline: Pipeline, workload: WorkloadProgress, phase: string, seconds: number): Snapshot {
  const shipped = [...pipeline.shipper.shipped.values()].reduce((sum, count) => sum + count, 0);
  return {
    phase,
    seconds,
    share: workload.share,
    statements: pipeline.statements.count,
    records: pipeline.shipper.records,
    targets: pipeline.lanes.map((lane) => ({
      name: lane.name,
      rowsWritten: lane.metrics.sum(metricNames.rowsWritten),
      rowsDeleted: lane.metrics.sum(metricNames.rowsDeleted),
      behind: Math.max(0, shipped - lane.acknowledged),
      lagMs: lane.metrics.lagMs.length === 0 ? undefined : percentile(lane.metrics.lagMs.slice(-recentLags), 0.5),
      retries: lane.retries,
    })),
  };
}
