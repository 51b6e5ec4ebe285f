/** What one delivery carries: the bytes of a stream record, of a log event, or of a text that somebody copied. */
import { gunzipSync } from "node:zlib";
import { parseAuditMessage, type ParsedLine } from "../../handler/log/auditLine";
import { decodeEnvelope, EnvelopeError, envelopeLimitBytes, isGzip } from "../../handler/log/envelope";
import { splitLines, utf8Text } from "../input";

/** Something that is no audit record, as it came, and why. */
export interface RawPart {
  readonly ok: false;
  readonly raw: string;
  readonly reason: string;
}

export type Part = (Extract<ParsedLine, { ok: true }> & { readonly line: string }) | RawPart;

const controlReason = "a control message: CloudWatch Logs only tests whether it can reach the destination";

/** `raw`: how the payload stood in the input, for what cannot be read. */
export function readPayload(bytes: Buffer, raw: string): readonly Part[] {
  try {
    const envelope = decodeEnvelope(bytes);
    if (envelope.kind === "control") return [{ ok: false, raw: unpacked(bytes) ?? raw, reason: controlReason }];
    return envelope.events.flatMap(({ message }) => readMessage(message));
  } catch (error) {
    if (!(error instanceof EnvelopeError)) throw error;
    const mayBeLines = error.code === "ENVELOPE_NOT_JSON" || error.code === "ENVELOPE_NOT_GZIP";
    const text = mayBeLines ? unpacked(bytes) : undefined;
    return text === undefined || text.trim() === "" ? [{ ok: false, raw, reason: error.message }] : readLines(text);
  }
}

/** A base64 text as it stands in an event. */
export function readBase64(data: string): readonly Part[] {
  if (!isBase64(data)) return [{ ok: false, raw: data, reason: "the data is not base64 text" }];
  return readPayload(Buffer.from(data, "base64"), data);
}

/** With or without padding, in either alphabet. */
export function isBase64(text: string): boolean {
  return /^[\w+/-]*={0,2}$/u.test(text) && text.replace(/=+$/u, "").length % 4 !== 1;
}

export function readLines(text: string): readonly Part[] {
  return splitLines(text).flatMap((line) => readMessage(line.text));
}

function readMessage(message: string): readonly Part[] {
  const lines: ParsedLine[] = [];
  parseAuditMessage(message, {}, lines);
  const [only] = lines;
  return lines.length === 1 && only !== undefined
    ? [toPart(only, message)]
    : lines.map((line) => toPart(line, line.ok ? message : line.line));
}

function toPart(line: ParsedLine, message: string): Part {
  return line.ok ? { ...line, line: message } : { ok: false, raw: line.line, reason: reasons[line.reason] };
}

const reasons: Readonly<Record<Extract<ParsedLine, { ok: false }>["reason"], string>> = {
  empty: "empty: nothing but white space",
  "no-head": "no-head: not an audit record, which has a connection id, a query id and an operation in a row",
  "unknown-operation": "unknown-operation: no known engine writes this operation",
  "no-text": "no-text: a QUERY record without its text in quotes",
  "unknown-escape": "unknown-escape: the text has a backslash sequence that no known engine writes",
  "no-retcode": "no-retcode: the record does not end with a return code",
  "ambiguous-name": "ambiguous-name: commas in names hide where the database ends and the table begins",
};

/** The text of bytes, gzip or not; `undefined` when it is no UTF-8. */
function unpacked(bytes: Buffer): string | undefined {
  return utf8Text(isGzip(bytes) ? gunzipSync(bytes, { maxOutputLength: envelopeLimitBytes }) : bytes);
}
