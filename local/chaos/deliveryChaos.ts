import { type Random } from "../random";
import { type LogLine } from "../shipping/dialect";

/** What may happen to lines between the log and the stream. */
export interface Delivery {
  /** Takes lines in order and gives back those to be shipped now, in that order. */
  pass(lines: readonly LogLine[], nowMs: number): readonly LogLine[];
  /** Lines that are kept for later. */
  readonly delayed: number;
  /** Gives back everything that is kept. */
  release(): readonly LogLine[];
}

export const undisturbed: Delivery = { pass: (lines) => lines, delayed: 0, release: () => [] };

const duplicated = 0.08;
const late = 0.15;
const longestDelayMs = 3000;

/** Lines arrive twice, late, and in shuffled order; none is lost. */
export class DeliveryChaos implements Delivery {
  readonly #random: Random;
  #waiting: { readonly line: LogLine; readonly dueMs: number }[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  get delayed(): number {
    return this.#waiting.length;
  }

  pass(lines: readonly LogLine[], nowMs: number): readonly LogLine[] {
    const due = this.#waiting.filter(({ dueMs }) => dueMs <= nowMs).map(({ line }) => line);
    this.#waiting = this.#waiting.filter(({ dueMs }) => dueMs > nowMs);
    const now: LogLine[] = [];
    for (const line of lines) {
      const isLate = this.#random.chance(late);
      const isDouble = this.#random.chance(duplicated);
      if (!isLate) now.push(line);
      if (isLate || isDouble) this.#waiting.push({ line, dueMs: nowMs + this.#random.below(longestDelayMs) });
    }
    return this.#random.shuffled([...due, ...now]);
  }

  release(): readonly LogLine[] {
    const lines = this.#waiting.map(({ line }) => line);
    this.#waiting = [];
    return this.#random.shuffled(lines);
  }
}
