/** From an invocation to the worker and back: which event it is, what is logged, and what may be acknowledged. */
import { adviceFor, SyncError, toError } from "./errors";
import { EventError, readLogSources, type LogSource } from "./log/event";
import { metricLine } from "./metrics";
import { operate } from "./operate/operate";
import { readRequest, RequestError } from "./operate/request";
import type { Configuration } from "./sync/configuration";
import { beatHeart } from "./sync/heartbeat";
import { Worker, type Outcome } from "./sync/worker";

export interface LambdaContext {
  readonly awsRequestId: string;
  getRemainingTimeInMillis(): number;
}

/** The event source mapping goes on from the lowest number named here; an empty list acknowledges the whole batch. */
export interface BatchResponse {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

/** Milliseconds of an invocation that jobs may take: all but a reserve for a tick, little after a batch. */
const reserveMs = 10_000;
const tickJobsMs = 45_000;
const batchJobsMs = 200;

type Entry = Readonly<Record<string, unknown>>;

/** Handles the events of one function instance. `write` gets one JSON object a call: a log entry, or metrics. */
export class SyncHandler {
  readonly #configuration: Configuration;
  readonly #worker: Worker;
  readonly #write: (line: string) => void;
  #stopped: readonly string[] = [];

  constructor(configuration: Configuration, write: (line: string) => void) {
    this.#configuration = configuration;
    this.#worker = new Worker(configuration.worker);
    this.#write = write;
  }

  /**
   * A Kinesis event, a CloudWatch Logs event, a tick or a request (see operate/request.ts).
   *
   * @throws {Error} when nothing of the event may be acknowledged: it is unknown, or it has no partial response (anything
   *   but a Kinesis event) and could not be carried out.
   */
  async handle(event: unknown, context: LambdaContext): Promise<unknown> {
    const requestId = context.awsRequestId;
    try {
      const request = readRequest(event);
      if (request === undefined) return await this.#follow(readLogSources(event), context);
      if (request.action === "tick") return await this.#tick(context);
      const untilMs = Date.now() + Math.max(0, context.getRemainingTimeInMillis() - reserveMs);
      const { environment, targetName: target } = this.#configuration;
      return await operate(this.#worker, request, { environment, target }, untilMs);
    } catch (thrown) {
      this.#logError(toError(thrown), { requestId, next: "the invocation fails and may be tried again" });
      throw thrown;
    }
  }

  async close(): Promise<void> {
    await this.#worker.close();
  }

  async #follow(sources: readonly LogSource[], context: LambdaContext): Promise<BatchResponse> {
    const first = sources[0]?.sequenceNumber;
    const last = sources.at(-1)?.sequenceNumber;
    const properties = {
      requestId: context.awsRequestId,
      ...(first === undefined ? {} : { firstSequenceNumber: first }),
      ...(last === undefined ? {} : { lastSequenceNumber: last }),
    };
    try {
      await this.#run(sources, batchJobsMs, context, properties);
      return { batchItemFailures: [] };
    } catch (thrown) {
      // A direct event has no partial response.
      if (first === undefined) throw thrown;
      this.#logError(toError(thrown), { ...properties, next: "nothing of the batch was acknowledged; it is retried" });
      // All records of a batch are refreshed together, so none of them is done before all are.
      return { batchItemFailures: [{ itemIdentifier: first }] };
    }
  }

  /** A heartbeat that cannot be written keeps nobody from working, but the tick fails. */
  async #tick(context: LambdaContext): Promise<BatchResponse> {
    const requestId = context.awsRequestId;
    const beat = await beatHeart(this.#configuration).then(() => undefined, toError);
    const outcome = await this.#run([], tickJobsMs, context, { requestId });
    this.#warnOfOpenTransaction(outcome, requestId);
    if (beat !== undefined) throw beat;
    return { batchItemFailures: [] };
  }

  async #run(
    sources: readonly LogSource[],
    jobsMs: number,
    context: LambdaContext,
    properties: Readonly<Record<string, string>>,
  ): Promise<Outcome> {
    const startedAtMs = Date.now();
    const left = Math.max(0, context.getRemainingTimeInMillis() - reserveMs);
    const outcome = await this.#worker.run(sources, startedAtMs + Math.min(jobsMs, left), startedAtMs + left);
    const { environment, targetName: target } = this.#configuration;
    const { connectionId } = outcome.pending;
    this.#write(
      metricLine(
        outcome,
        { environment, target },
        { startedAtMs, endedAtMs: Date.now() },
        { ...properties, ...(connectionId === undefined ? {} : { pendingConnectionId: connectionId }) },
      ),
    );
    for (const notice of outcome.notices) this.#log({ ...notice, requestId: context.awsRequestId });
    for (const problem of outcome.stopped) {
      if (sources.length > 0 && this.#stopped.includes(problem)) continue;
      this.#log({ level: "error", code: "ROUTE_STOPPED", message: problem, requestId: context.awsRequestId });
    }
    this.#stopped = outcome.stopped;
    return outcome;
  }

  #warnOfOpenTransaction({ pending }: Outcome, requestId: string): void {
    const { ageSeconds, connectionId, count } = pending;
    if (connectionId === undefined || ageSeconds < this.#configuration.pendingWarningSeconds) return;
    this.#log({
      level: "warn",
      code: "TRANSACTION_OPEN",
      message: `connection ${connectionId} of the source has had a transaction open for ${ageSeconds} s; ${count} entries wait for it and others. Look for it in information_schema.PROCESSLIST, and end it`,
      connectionId,
      ageSeconds,
      requestId,
    });
  }

  /** Messages of unknown errors may quote anything, so only their stack's places are told. */
  #logError(error: Error, properties: Entry): void {
    const known = error instanceof SyncError || error instanceof RequestError || error instanceof EventError;
    this.#log({
      level: "error",
      code: error instanceof SyncError ? error.code : error.name,
      message: known ? error.message : "a defect of the sync; see the stack",
      advice: error instanceof SyncError ? adviceFor(error.code) : undefined,
      stack: known ? undefined : error.stack?.split("\n").filter((line) => line.trimStart().startsWith("at ")),
      ...properties,
    });
  }

  #log(entry: Entry): void {
    this.#write(JSON.stringify(entry));
  }
}
