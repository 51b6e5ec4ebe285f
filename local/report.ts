import { metricNames } from "../handler/contract/metricNames";
import { type TableResult } from "./compare/compare";
import { percentile } from "./function/metrics";
import { type Pipeline } from "./pipeline";
import { type WorkloadProgress } from "./scenario";

/** What `--json` prints, in this order of keys. */
export interface RunResult {
  readonly inSync: boolean;
  readonly targets: readonly TargetResult[];
  readonly statements: number;
  readonly failedStatements: number;
  readonly records: number;
  readonly invocations: number;
  readonly retries: number;
  readonly touches: { readonly keys: number; readonly where: number; readonly tail: number; readonly all: number };
  readonly dead: number;
  readonly seconds: number;
  /** With `--keep` only. */
  readonly dataDirs?: { readonly source: string; readonly targets: Readonly<Record<string, string>> };
}

export interface TargetResult {
  readonly name: string;
  readonly tables: readonly Pick<TableResult, "source" | "target" | "rows" | "differences">[];
  readonly rowsWritten: number;
  readonly rowsDeleted: number;
  readonly lagMs: { readonly p50: number; readonly p99: number };
}

/** Everything that is known when a run is over. */
export interface RunFacts {
  readonly pipeline: Pipeline;
  readonly workload: WorkloadProgress;
  /** By target name. */
  readonly tables: ReadonlyMap<string, readonly TableResult[]>;
  /** Why the run is not a success although all tables may be equal. */
  readonly problems: readonly string[];
  readonly dead: number;
  readonly seconds: number;
}

export function toResult(facts: RunFacts): RunResult {
  const { pipeline, workload, tables, problems, dead, seconds } = facts;
  const { lanes } = pipeline;
  const total = (count: (lane: (typeof lanes)[number]) => number): number =>
    lanes.reduce((sum, lane) => sum + count(lane), 0);
  const touches = (name: string): number => total((lane) => lane.metrics.sum(name));
  const differences = [...tables.values()].flat().reduce((sum, table) => sum + table.differences, 0);
  return {
    inSync: differences === 0 && problems.length === 0,
    targets: lanes.map((lane) => ({
      name: lane.name,
      tables: (tables.get(lane.name) ?? []).map(({ source, target, rows, differences }) => ({
        source,
        target,
        rows,
        differences,
      })),
      rowsWritten: lane.metrics.sum(metricNames.rowsWritten),
      rowsDeleted: lane.metrics.sum(metricNames.rowsDeleted),
      lagMs: { p50: percentile(lane.metrics.lagMs, 0.5), p99: percentile(lane.metrics.lagMs, 0.99) },
    })),
    statements: pipeline.statements.count,
    failedStatements: workload.failedStatements,
    records: pipeline.shipper.records,
    invocations: total((lane) => lane.function.invocations),
    retries: total((lane) => lane.retries),
    touches: {
      keys: touches(metricNames.touchesKeys),
      where: touches(metricNames.touchesWhere),
      tail: touches(metricNames.touchesTail),
      all: touches(metricNames.touchesAll),
    },
    dead,
    seconds,
  };
}

/** What keeps a run from being a success, one line each: keys, never values. */
export function describeProblems(facts: RunFacts): readonly string[] {
  const { pipeline, tables, problems } = facts;
  const differing = [...tables].flatMap(([target, results]) =>
    results
      .filter(({ differences }) => differences > 0)
      .flatMap(({ source, target: table, differences, details }) => [
        `${target}: ${source} → ${table}: ${differences} ${differences === 1 ? "difference" : "differences"}`,
        ...details.map((detail) => `    ${detail}`),
        ...(differences > details.length ? [`    and ${differences - details.length} more`] : []),
      ]),
  );
  if (differing.length === 0 && problems.length === 0) return [];
  const said = pipeline.lanes.flatMap((lane) =>
    lane.lastProblem === undefined
      ? []
      : [`${lane.name}: the function said last: ${lane.lastProblem.split("\n")[0] ?? ""}`],
  );
  return [...problems, ...differing, ...said];
}
