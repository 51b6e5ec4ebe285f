import { setTimeout as delay } from "node:timers/promises";
import { type ShardConsumer } from "./polling/consumer";
import { type Shipper } from "./shipping/shipper";
import { type SourceWatch } from "./sourceWatch";
import { type Outstanding } from "./syncState";
import { type Ticker } from "./ticker";

export interface DrainedTarget {
  readonly name: string;
  readonly consumers: readonly ShardConsumer[];
  readonly ticker: Ticker;
  readonly outstanding: () => Promise<Outstanding | undefined>;
}

/** Waits for a condition; false when the time is over. */
type Wait = (isDone: () => boolean | Promise<boolean>) => Promise<boolean>;

const pollMs = 100;

/**
 * Waits until everything that the source has logged so far has been acknowledged by every consumer, and nothing is
 * outstanding at any target after a tick that began later.
 *
 * @returns what is not done when the time is over; empty: everything is.
 */
export async function drain(
  source: SourceWatch,
  shipper: Shipper,
  targets: readonly DrainedTarget[],
  timeoutMs: number,
): Promise<readonly string[]> {
  const wait = waitUntil(Date.now() + timeoutMs);
  if (!(await wait(() => source.isQuiet()))) return ["statements are still running at the source"];
  let shipped = false;
  void shipper.catchUp().then(() => {
    shipped = true;
  });
  if (!(await wait(() => shipped))) return ["the end of the audit log has not been shipped"];
  const goal = new Map(shipper.shipped);
  const left = await Promise.all(targets.map((target) => drainTarget(target, goal, wait)));
  return left.flat();
}

function waitUntil(deadlineMs: number): Wait {
  return async (isDone) => {
    while (!(await isDone())) {
      if (Date.now() > deadlineMs) return false;
      await delay(pollMs);
    }
    return true;
  };
}

async function drainTarget(
  target: DrainedTarget,
  goal: ReadonlyMap<string, number>,
  wait: Wait,
): Promise<readonly string[]> {
  const behind = (): number =>
    target.consumers.reduce(
      (sum, { shardId, acknowledged }) => sum + Math.max(0, (goal.get(shardId) ?? 0) - acknowledged),
      0,
    );
  if (!(await wait(() => behind() === 0))) return [`${target.name}: ${behind()} stream records are not acknowledged`];
  const tick = target.ticker.begun + 1;
  let outstanding: Outstanding | undefined;
  const isDone = await wait(async () => {
    if (target.ticker.succeeded < tick) return false;
    outstanding = await target.outstanding();
    return outstanding?.pending === 0 && outstanding.jobs === 0;
  });
  return isDone ? [] : [`${target.name}: ${describe(outstanding)}`];
}

function describe(outstanding: Outstanding | undefined): string {
  if (outstanding === undefined) return "no tick has succeeded since";
  const { pending, jobs } = outstanding;
  return `${pending} entries wait for open transactions of the source, ${jobs} jobs are not finished`;
}
