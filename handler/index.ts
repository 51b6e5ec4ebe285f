/** The Lambda entry: reads its configuration once, then turns events into calls of the worker. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { configFileName } from "./contract/environment";
import { SyncError, toError } from "./errors";
import { readLogSources } from "./log/event";
import { metricLine } from "./metrics";
import { readConfiguration, type Configuration } from "./sync/configuration";
import { beatHeart } from "./sync/heartbeat";
import { Worker } from "./sync/worker";

interface LambdaContext {
  getRemainingTimeInMillis(): number;
}

/** The event source mapping goes on from the lowest number named here; an empty list acknowledges the whole batch. */
interface BatchResponse {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

/** Milliseconds of an invocation that jobs may take: all but a reserve for a tick, little after a batch. */
const reserveMs = 10_000;
const tickJobsMs = 45_000;
const batchJobsMs = 200;

let instance: { configuration: Configuration; worker: Worker } | undefined;

/**
 * Handles a Kinesis event, a CloudWatch Logs event or a tick (`{ "action": "tick" }`).
 *
 * @throws {Error} when nothing of the event may be acknowledged: the event is unknown, the function is misconfigured, or
 *   a direct event (which has no partial response) failed.
 */
export async function handler(event: unknown, context: LambdaContext): Promise<BatchResponse> {
  const startedAtMs = Date.now();
  const { configuration, worker } = (instance ??= open());
  const tick = isTick(event);
  const sources = tick ? [] : readLogSources(event);
  const left = context.getRemainingTimeInMillis() - reserveMs;
  try {
    if (tick) await beatHeart(configuration);
    const outcome = await worker.run(
      sources,
      startedAtMs + Math.min(tick ? tickJobsMs : batchJobsMs, Math.max(0, left)),
    );
    const dimensions = { environment: configuration.environment, target: configuration.targetName };
    console.log(metricLine(outcome, dimensions, startedAtMs, Date.now()));
    for (const problem of outcome.stopped) log("error", { code: "ROUTE_STOPPED", message: problem });
    return { batchItemFailures: [] };
  } catch (thrown) {
    const error = toError(thrown);
    const first = sources[0]?.sequenceNumber;
    log("error", {
      code: error instanceof SyncError ? error.code : error.name,
      message: error instanceof SyncError ? error.message : "a defect of the sync; see the stack",
      stack: error instanceof SyncError ? undefined : error.stack,
      sequenceNumber: first,
      next: "nothing of the batch was acknowledged; it is retried",
    });
    // All records of a batch are refreshed together, so none of them is done before all are.
    if (first !== undefined) return { batchItemFailures: [{ itemIdentifier: first }] };
    throw error;
  }
}

function open(): { configuration: Configuration; worker: Worker } {
  const configuration = readConfiguration(readFileSync(join(__dirname, configFileName), "utf8"), process.env);
  return { configuration, worker: new Worker(configuration.worker) };
}

function isTick(event: unknown): boolean {
  return typeof event === "object" && event !== null && "action" in event && event.action === "tick";
}

function log(level: "error", entry: Readonly<Record<string, unknown>>): void {
  console.error(JSON.stringify({ level, ...entry }));
}
