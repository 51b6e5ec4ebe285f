import { setTimeout as delay } from "node:timers/promises";

/** Waits, but not beyond the moment at which `stop` is aborted. */
export async function pause(milliseconds: number, stop: AbortSignal): Promise<void> {
  try {
    await delay(milliseconds, undefined, { signal: stop });
  } catch (error) {
    if (!stop.aborted) throw error;
  }
}
