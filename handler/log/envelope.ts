/** One delivery of CloudWatch Logs: a gzip envelope, as the data of a Kinesis record or of a direct Lambda event. */
import { gunzipSync } from "node:zlib";

/**
 * The most text that one envelope may unpack to. One delivery holds log events of one PutLogEvents batch: 1 MiB of text,
 * at most six times as long in JSON (a control byte becomes \u00XX), and 10,000 events with about 130 bytes of id, time
 * and keys each: 6 + 1.3 = 7.3 MiB. Four times that, in case CloudWatch Logs joins batches. A Kinesis record of 10 MiB
 * could unpack to 10 GiB; unpacking stops here instead.
 */
export const envelopeLimitBytes = 32 * 1024 * 1024;

export interface LogEvent {
  readonly id: string;
  /** Milliseconds since the epoch, as CloudWatch Logs received it. */
  readonly timestamp: number;
  readonly message: string;
}

export interface DataEnvelope {
  readonly kind: "data";
  readonly logGroup: string;
  readonly logStream: string;
  /** Account that owns the log group. */
  readonly owner: string;
  readonly events: readonly LogEvent[];
}

/** CloudWatch Logs only tests whether the stream can be reached; there is nothing to follow. */
export interface ControlEnvelope {
  readonly kind: "control";
}

export type Envelope = DataEnvelope | ControlEnvelope;

/** What is wrong with an envelope, and what its reader can do about it. */
const explanations = {
  /** Something else than CloudWatch Logs writes to the stream. */
  ENVELOPE_NOT_GZIP:
    "the data is neither gzip nor JSON; only a CloudWatch Logs subscription may write to this stream, look for another producer",
  /** Bytes changed on the way; a retry gives the same bytes. */
  ENVELOPE_CORRUPT: "the gzip data is damaged; repair the touched tables, the envelope cannot be read again",
  /** Cut by a producer or by a copy of the event; CloudWatch Logs does not split envelopes. */
  ENVELOPE_TRUNCATED: "the gzip data ends too early; repair the touched tables, the envelope cannot be read again",
  /** A gzip bomb, or a delivery larger than any that CloudWatch Logs documents. */
  ENVELOPE_TOO_LARGE: "the envelope unpacks to more than the limit; look for another producer on this stream",
  /** Unpacked, but not JSON. */
  ENVELOPE_NOT_JSON: "the unpacked data is not JSON; only a CloudWatch Logs subscription may write to this stream",
  /** JSON of another shape. */
  ENVELOPE_MALFORMED:
    "the JSON is not a CloudWatch Logs envelope (messageType, owner, logGroup, logStream, logEvents with id, timestamp and message)",
} as const;

export type EnvelopeErrorCode = keyof typeof explanations;

/** An envelope cannot be read. The message never holds any of its content. */
export class EnvelopeError extends Error {
  override readonly name = "EnvelopeError";
  readonly code: EnvelopeErrorCode;

  constructor(code: EnvelopeErrorCode) {
    super(`${code}: ${explanations[code]}`);
    this.code = code;
  }
}

/**
 * Reads an envelope: base64 text as Lambda delivers it, or the bytes themselves. Plain JSON bytes are read too.
 *
 * @throws {EnvelopeError}
 */
export function decodeEnvelope(data: string | Uint8Array, limitBytes = envelopeLimitBytes): Envelope {
  const bytes = typeof data === "string" ? Buffer.from(data, "base64") : data;
  const text = isGzip(bytes) ? unzip(bytes, limitBytes) : plainJson(bytes, limitBytes);
  return checkEnvelope(parseJson(text));
}

export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

function unzip(bytes: Uint8Array, limitBytes: number): string {
  try {
    return gunzipSync(bytes, { maxOutputLength: limitBytes, chunkSize: pieceBytes(bytes) }).toString("utf8");
  } catch (error) {
    throw new EnvelopeError(zipErrorCode(error));
  }
}

/** The most that is set aside for an envelope on the word of its own last bytes. */
const largestPieceBytes = 4 * 1024 * 1024;

/** gzip ends with the length of what is in it (RFC 1952), so that it can be unpacked in one piece and nothing be joined. */
function pieceBytes(bytes: Uint8Array): number {
  const stated =
    bytes.byteLength < 4 ? 0 : new DataView(bytes.buffer, bytes.byteOffset).getUint32(bytes.length - 4, true);
  // A little more, as only room that is left tells that this was all.
  return Math.min(Math.max(stated, 1024), largestPieceBytes) + 64;
}

/** The zlib errors carry no content, but neither do they say more than these codes. */
function zipErrorCode(error: unknown): EnvelopeErrorCode {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ERR_BUFFER_TOO_LARGE") return "ENVELOPE_TOO_LARGE";
  if (code === "Z_BUF_ERROR") return "ENVELOPE_TRUNCATED";
  if (typeof code === "string" && code.startsWith("Z_")) return "ENVELOPE_CORRUPT";
  throw error;
}

function plainJson(bytes: Uint8Array, limitBytes: number): string {
  if (bytes.byteLength > limitBytes) throw new EnvelopeError("ENVELOPE_TOO_LARGE");
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
  if (!text.trimStart().startsWith("{")) throw new EnvelopeError("ENVELOPE_NOT_GZIP");
  return text;
}

/** JSON.parse quotes its input in its message, so the cause is left out on purpose. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new EnvelopeError("ENVELOPE_NOT_JSON");
  }
}

/** Written by hand: a schema library here costs more than unpacking and parsing together. */
function checkEnvelope(value: unknown): Envelope {
  if (typeof value !== "object" || value === null) throw new EnvelopeError("ENVELOPE_MALFORMED");
  const { messageType, logGroup, logStream, owner, logEvents } = value as Record<string, unknown>;
  if (messageType === "CONTROL_MESSAGE") return { kind: "control" };
  if (
    messageType !== "DATA_MESSAGE" ||
    typeof logGroup !== "string" ||
    typeof logStream !== "string" ||
    typeof owner !== "string" ||
    !areLogEvents(logEvents)
  ) {
    throw new EnvelopeError("ENVELOPE_MALFORMED");
  }
  if (logEvents.length > 0 && logEvents.every(isControlText)) return { kind: "control" };
  return { kind: "data", logGroup, logStream, owner, events: logEvents };
}

function areLogEvents(value: unknown): value is readonly LogEvent[] {
  if (!Array.isArray(value)) return false;
  for (const event of value as readonly unknown[]) {
    if (typeof event !== "object" || event === null) return false;
    const { id, timestamp, message } = event as Record<string, unknown>;
    if (typeof id !== "string" || typeof timestamp !== "number" || typeof message !== "string") return false;
  }
  return true;
}

/** The health check has been seen under DATA_MESSAGE too. No audit record begins like it. */
function isControlText({ message }: LogEvent): boolean {
  return message.startsWith("CWL CONTROL MESSAGE:");
}
