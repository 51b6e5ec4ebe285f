import { metricNames } from "../../handler/contract/metricNames";

/** Values of one line of the embedded metric format, by metric name; a metric may have several. */
export type MetricValues = ReadonlyMap<string, readonly number[]>;

/** `undefined`: the line is not a metric but a log entry. */
export function parseMetricLine(line: string): MetricValues | undefined {
  if (!line.startsWith("{")) return undefined;
  let entry: unknown;
  try {
    entry = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof entry !== "object" || entry === null || !("_aws" in entry)) return undefined;
  const numbers = Object.entries(entry).flatMap(([name, value]: [string, unknown]) => {
    const values = (Array.isArray(value) ? value : [value]).filter((item) => typeof item === "number");
    return values.length === 0 ? [] : [[name, values] as const];
  });
  return new Map(numbers);
}

/** What the functions of one target said about their work, added up. */
export class TargetMetrics {
  readonly #sums = new Map<string, number>();
  readonly lagMs: number[] = [];

  add(values: MetricValues): void {
    for (const [name, numbers] of values) {
      this.#sums.set(
        name,
        numbers.reduce((sum, number) => sum + number, this.sum(name)),
      );
    }
    this.lagMs.push(...(values.get(metricNames.lag) ?? []));
  }

  sum(name: string): number {
    return this.#sums.get(name) ?? 0;
  }
}

/** The value below which this share of the values lies; 0 when there are none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
