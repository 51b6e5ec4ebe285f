/** The Lambda events that carry envelopes. */

/** One envelope as it reached the function, still packed. */
export interface LogSource {
  /** Position in the Kinesis stream; `undefined` for a direct CloudWatch Logs event, which has none to acknowledge. */
  readonly sequenceNumber: string | undefined;
  /** base64 */
  readonly data: string;
}

/** The event is neither of the two that carry audit records. Names what came, by its keys only. */
export class EventError extends Error {
  override readonly name = "EventError";
  readonly code = "EVENT_UNKNOWN";

  constructor(found: string) {
    super(
      "EVENT_UNKNOWN: expected a Kinesis event (Records[].kinesis with sequenceNumber and data) or a CloudWatch Logs " +
        `event (awslogs.data), found ${found}; check what invokes this function`,
    );
  }
}

/**
 * The envelopes of a Lambda event, in its order.
 *
 * @throws {EventError}
 */
export function readLogSources(event: unknown): readonly LogSource[] {
  if (!isObject(event)) throw new EventError(event === null ? "null" : typeof event);
  const { Records: records, awslogs } = event;
  if (Array.isArray(records)) return records.map(readKinesisRecord);
  if (isObject(awslogs) && typeof awslogs["data"] === "string") {
    return [{ sequenceNumber: undefined, data: awslogs["data"] }];
  }
  throw new EventError(describeKeys(event));
}

function readKinesisRecord(record: unknown, index: number): LogSource {
  const place = `Records[${index}]`;
  if (!isObject(record)) throw new EventError(`${place} that is no object`);
  const { kinesis } = record;
  if (!isObject(kinesis)) throw new EventError(`${place} with ${describeKeys(record)}`);
  const { sequenceNumber, data } = kinesis;
  if (typeof sequenceNumber !== "string" || sequenceNumber === "" || typeof data !== "string") {
    throw new EventError(`${place}.kinesis with ${describeKeys(kinesis)}`);
  }
  return { sequenceNumber, data };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** At most eight keys: they are names from a protocol, but an unknown event could be anything. */
function describeKeys(value: Record<string, unknown>): string {
  const keys = Object.keys(value);
  if (keys.length === 0) return "no keys";
  return `the keys ${keys
    .slice(0, 8)
    .map((key) => key.slice(0, 40))
    .join(", ")}${keys.length > 8 ? ", .." : ""}`;
}
