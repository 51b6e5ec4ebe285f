/** What a section of the benchmark found. */

/** A comparison within one run, or a bound that the project keeps: what the run is about, printed first. */
export interface Ratio {
  readonly name: string;
  readonly value: number;
  /** `times`: ours divided by the other's. Default: times. */
  readonly unit?: "times" | "ms" | "MB" | "per s" | undefined;
  /** What is to be reached; `undefined`: only reported. */
  readonly goal?: { readonly atLeast: number } | { readonly atMost: number } | undefined;
}

/** A table of measured values, for people; the first column names the row. */
export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

export interface SectionResult {
  readonly section: string;
  readonly ratios: readonly Ratio[];
  readonly tables: readonly Table[];
  /** What a reader must know to read the numbers rightly. */
  readonly notes: readonly string[];
  /** What charts are drawn from, and all there is for --json. */
  readonly data?: unknown;
}

/** How much is measured: `full` is what docs/performance.md shows, `quick` gives the same picture with more noise. */
export type Effort = "full" | "quick" | "guard";

export interface SectionContext {
  readonly effort: Effort;
  /** Says what is going on; never a result. */
  readonly say: (line: string) => void;
  /** Folder for CPU profiles of the function. */
  readonly profiles?: string | undefined;
}

export function isReached({ value, goal }: Ratio): boolean | undefined {
  if (goal === undefined) return undefined;
  return "atLeast" in goal ? value >= goal.atLeast : value <= goal.atMost;
}
