import { type Mariadb } from "../mariadb";
import { pause } from "../pause";
import { type Random } from "../random";

/**
 * Restarts a target's server once, in the middle of the work: when a number of stream records has been acknowledged, at
 * the latest when there will be no more work. Half of the time it does not get to shut down first.
 */
export async function restartOnce(
  server: Mariadb,
  random: Random,
  progress: { readonly acknowledged: () => number; readonly workIsOver: () => boolean },
  stop: AbortSignal,
): Promise<void> {
  const after = 5 + random.below(40);
  const crash = random.chance(0.5);
  while (progress.acknowledged() < after && !progress.workIsOver()) {
    await pause(100, stop);
    if (stop.aborted) return;
  }
  if (crash) await server.kill();
  await server.restart();
}
