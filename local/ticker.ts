import { type SyncFunction } from "./function/syncFunction";
import { pause } from "./pause";

const periodMs = 1000;

/** Invokes a function on a schedule, as the deployed one is. A tick that takes longer puts the next one off. */
export class Ticker {
  readonly #function: SyncFunction;
  #begun = 0;
  #succeeded = 0;

  constructor(syncFunction: SyncFunction) {
    this.#function = syncFunction;
  }

  /** Ticks so far: the number of the last one that began. */
  get begun(): number {
    return this.#begun;
  }

  /** The number of the last tick that succeeded. */
  get succeeded(): number {
    return this.#succeeded;
  }

  async run(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      this.#begun += 1;
      try {
        await this.#function.invoke({ action: "tick" });
        this.#succeeded = this.#begun;
      } catch {
        // The function has reported it; the next tick tries again.
      }
      await pause(periodMs, stop);
    }
  }
}
