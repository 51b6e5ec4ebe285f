import { type Effort } from "./result";

/** Rounds, and processor seconds of each candidate in a round. */
export const measuring: Readonly<Record<Effort, { rounds: number; secondsEach: number }>> = {
  full: { rounds: 5, secondsEach: 1 },
  quick: { rounds: 3, secondsEach: 0.3 },
  guard: { rounds: 3, secondsEach: 0.05 },
};

/** Something that is measured: does a fixed piece of work and returns how much it was, in the section's own unit. */
export interface Candidate {
  readonly name: string;
  readonly run: () => number;
}

/**
 * Units per second of one core, for every candidate. They take turns, several times each, and the median counts. Time is
 * processor time of this process, garbage collection and compilation included, so that what else the machine does counts
 * as little as possible.
 */
export function sideBySide(
  candidates: readonly Candidate[],
  options: { readonly rounds: number; readonly secondsEach: number },
): ReadonlyMap<string, number> {
  const rates = new Map<string, number[]>(candidates.map(({ name }) => [name, []]));
  for (const { run } of candidates) run();
  for (let round = 0; round < options.rounds; round++) {
    for (const { name, run } of candidates) rates.get(name)?.push(rate(run, options.secondsEach));
  }
  return new Map([...rates].map(([name, own]) => [name, median(own)]));
}

function rate(run: () => number, seconds: number): number {
  const before = process.cpuUsage();
  let units = 0;
  let used = 0;
  while (used < seconds) {
    units += run();
    const { user, system } = process.cpuUsage(before);
    used = (user + system) / 1e6;
  }
  return units / used;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}

/** Ours divided by theirs, of a map that {@link sideBySide} made. */
export function times(rates: ReadonlyMap<string, number>, ours: string, theirs: string): number {
  return (rates.get(ours) ?? 0) / (rates.get(theirs) ?? 1);
}
