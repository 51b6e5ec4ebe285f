/**
 * How many rows of a table one step takes. Rows are of any size, up to gigabytes, and a step is one transaction that must
 * be over long before the function's time is: a step that never ends would be begun again for ever.
 */
import type { RoutePlan } from "../routes/plan";

/** Rows of a step at most: each costs little, but all of them stand in one statement. */
const mostRows = 4_000;
/** Bytes of rows that a step should come to: about a second's work. */
const bytesOfStep = 32_000_000;
/** Rows of the first step where each may be of 16 MB or more. */
const cautiousRows = 8;

/** Types whose values have no bound that matters; those of all others are short beside the step. */
const boundless = /^(?:medium|long)(?:text|blob)$|^json$|geom|^(?:multi)?(?:point|linestring|polygon)$|^vector$/u;

/** Few of the table's rows may be too much for the memory. */
export function mayBeLarge({ columns }: Pick<RoutePlan, "columns">): boolean {
  return columns.some(({ source }) => boundless.test(source.dataType));
}

export class Pace {
  #rows: number;

  constructor(plan: Pick<RoutePlan, "columns">) {
    this.#rows = mayBeLarge(plan) ? cautiousRows : mostRows;
  }

  /** Rows of the next step, `most` at most. */
  rows(most = mostRows): number {
    return Math.min(most, this.#rows);
  }

  /** Learns from a step. What few small rows say is believed for a step of twice as many only. */
  took(rows: number, bytes: number): void {
    if (rows === 0) return;
    const fitting = Math.floor((bytesOfStep * rows) / Math.max(bytes, 1));
    this.#rows = Math.max(1, Math.min(mostRows, fitting, Math.max(this.#rows, 2 * rows)));
  }
}

/** The paces of every table that a function instance refreshes, kept between invocations. */
export class Paces {
  readonly #byRoute = new Map<string, Pace>();

  of(plan: RoutePlan): Pace {
    let pace = this.#byRoute.get(plan.id);
    if (pace === undefined) this.#byRoute.set(plan.id, (pace = new Pace(plan)));
    return pace;
  }
}
