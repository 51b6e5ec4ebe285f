/** What CloudWatch Logs makes of log lines on their way to a stream. */
import { gzipSync } from "node:zlib";
import { type LogLine } from "./dialect";

export interface Envelope {
  readonly messageType: "DATA_MESSAGE" | "CONTROL_MESSAGE";
  readonly owner: string;
  readonly logGroup: string;
  readonly logStream: string;
  readonly subscriptionFilters: readonly string[];
  readonly logEvents: readonly { readonly id: string; readonly timestamp: number; readonly message: string }[];
}

/** PutLogEvents: a batch has at most this many bytes, counting 26 more for each event. */
const batchBytes = 1_048_576;
const bytesPerEvent = 26;
/** Less than CloudWatch would take, so that a demonstration has more than one envelope to look at. */
const batchEvents = 500;

/** Ids are unique and ascend: a time in front, a number of the event behind. */
export class EventIds {
  #count = 0;

  next(timestampMs: number): string {
    this.#count += 1;
    return `3${String(timestampMs).padStart(17, "0")}${String(this.#count).padStart(38, "0")}`;
  }
}

/** Lines of one log stream to an envelope, in their order, and as few envelopes as the limits allow. */
export function makeEnvelopes(logGroup: string, lines: readonly LogLine[], ids: EventIds): readonly Envelope[] {
  return [...byStream(lines)].flatMap(([logStream, own]) =>
    inBatches(own).map((batch) => ({
      messageType: "DATA_MESSAGE" as const,
      owner: "123456789012",
      logGroup,
      logStream,
      subscriptionFilters: ["audit-sync"],
      logEvents: batch.map(({ message, timestampMs }) => ({
        id: ids.next(timestampMs),
        timestamp: timestampMs,
        message: decode(message),
      })),
    })),
  );
}

/** CloudWatch Logs sends one when it begins to use a destination. */
export function controlEnvelope(timestamp: number): Envelope {
  const message = "CWL CONTROL MESSAGE: Checking health of destination Kinesis stream.";
  return {
    messageType: "CONTROL_MESSAGE",
    owner: "CloudwatchLogs",
    logGroup: "",
    logStream: "",
    subscriptionFilters: [],
    logEvents: [{ id: "", timestamp, message }],
  };
}

export function compress(envelope: Envelope): Buffer {
  return gzipSync(JSON.stringify(envelope));
}

function byStream(lines: readonly LogLine[]): ReadonlyMap<string, readonly LogLine[]> {
  const streams = new Map<string, LogLine[]>();
  for (const line of lines) {
    const own = streams.get(line.logStream);
    if (own === undefined) streams.set(line.logStream, [line]);
    else own.push(line);
  }
  return streams;
}

function inBatches(lines: readonly LogLine[]): readonly (readonly LogLine[])[] {
  const batches: LogLine[][] = [];
  let bytes = Infinity;
  for (const line of lines) {
    const size = Math.min(line.message.length, batchBytes - bytesPerEvent) + bytesPerEvent;
    const open = batches.at(-1);
    if (open === undefined || bytes + size > batchBytes || open.length === batchEvents) {
      batches.push([line]);
      bytes = size;
    } else {
      open.push(line);
      bytes += size;
    }
  }
  return batches;
}

/** Text of the log is UTF-8, what is not is replaced; an event beyond the size of a batch is cut. */
function decode(message: string): string {
  return Buffer.from(message.slice(0, batchBytes - bytesPerEvent), "latin1").toString("utf8");
}
