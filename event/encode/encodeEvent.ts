import { type CloudWatchLogsEvent, type KinesisStreamEvent } from "aws-lambda";
import { kinesisEvent } from "../../local/function/kinesisEvent";
import { compress, EventIds, makeEnvelopes } from "../../local/shipping/envelope";
import { Unusable } from "../unusable";
import { readAuditLines, type TimedLine } from "./auditLines";

export interface EncodeOptions {
  /** A CloudWatch Logs event instead of a Kinesis event. */
  readonly direct: boolean;
  /** Milliseconds since the epoch: when lines without a time, and the records of the stream, arrived. */
  readonly nowMs: number;
}

const logGroup = "/aws/rds/instance/example/audit";
const logStream = "example";
const stream = { arn: "arn:aws:kinesis:us-east-1:123456789012:stream/audit", region: "us-east-1" };

/** CloudWatch Logs takes events of this size, with 26 bytes of its own; what is longer, it cuts. */
const longestLineBytes = 1_048_576 - 26;

/** Lambda's limit for an event of a synchronous invocation. */
const longestEventBytes = 6 * 1024 * 1024;

/**
 * Audit lines or SQL to the event that the function gets: envelopes as CloudWatch Logs makes them.
 *
 * @throws {Unusable} when the input is neither, or does not fit into an event.
 */
export function encodeEvent(input: Buffer, { direct, nowMs }: EncodeOptions): KinesisStreamEvent | CloudWatchLogsEvent {
  // What is not UTF-8 becomes U+FFFD, as in CloudWatch Logs.
  const lines = readAuditLines(input.toString("utf8"), nowMs);
  const envelopes = makeEnvelopes(logGroup, lines.map(toLogLine), new EventIds()).map(compress);
  const event = direct ? directEvent(envelopes) : streamEvent(envelopes, nowMs);
  const bytes = JSON.stringify(event).length;
  if (bytes > longestEventBytes) {
    throw new Unusable(`the event would have ${bytes} bytes, and Lambda takes ${longestEventBytes}; give fewer lines`);
  }
  return event;
}

function toLogLine({ line, timestampMs }: TimedLine, index: number) {
  const bytes = Buffer.from(line, "utf8");
  if (bytes.length > longestLineBytes) {
    throw new Unusable(`record ${index + 1} has ${bytes.length} bytes; CloudWatch Logs takes ${longestLineBytes}`);
  }
  return { message: bytes.toString("latin1"), timestampMs, logStream };
}

function directEvent([envelope, ...others]: readonly Buffer[]): CloudWatchLogsEvent {
  if (envelope === undefined || others.length > 0) {
    throw new Unusable(
      "the lines need more than one envelope, and --direct has one; give fewer lines, or leave --direct out",
    );
  }
  return { awslogs: { data: envelope.toString("base64") } };
}

function streamEvent(envelopes: readonly Buffer[], arrivedMs: number): KinesisStreamEvent {
  const records = envelopes.map((data, index) => ({
    shardId: "shardId-000000000000",
    sequenceNumber: `4960000000000000000000000000000000000000${String(index + 1).padStart(16, "0")}`,
    partitionKey: String(index + 1),
    data,
    arrivedMs,
  }));
  return kinesisEvent(records, stream);
}
