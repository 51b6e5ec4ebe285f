/** One line of an audit log → an audit record, in every dialect; the dialect is told by the record's shape alone. */
import { readLineHead } from "./lineHead";
import { readLineTail } from "./lineTail";
import type { MalformedReason } from "./malformed";
import type { AuditRecord } from "./record";

export interface ParsedRecord {
  readonly ok: true;
  readonly record: AuditRecord;
}

/** A line that is no record, or not one that is understood whole. Whoever reads it must assume that it changed rows. */
export interface MalformedLine {
  readonly ok: false;
  readonly reason: MalformedReason;
  /** As it came. It may hold data of the application: never for logs. */
  readonly line: string;
}

export type ParsedLine = ParsedRecord | MalformedLine;

export interface ParseOptions {
  /**
   * `server_audit_query_log_limit` of the source, in bytes; 0: no limit. `undefined`: not known (Aurora does not show
   * one), then text of the default limit's length is suspected to be cut.
   */
  readonly queryLogLimit?: number | undefined;
}

/** RDS cuts a downloaded log file's line at 1 MB and ends it like this. */
const cutMarker = " [Your log message was truncated]";

/** Never throws: what is wrong with a line is part of the result. */
export function parseAuditLine(line: string, options: ParseOptions = {}): ParsedLine {
  if (line.endsWith(cutMarker)) return parseMarkedLine(line, options);
  const head = readLineHead(line);
  if (typeof head === "string") return { ok: false, reason: line.trim() === "" ? "empty" : head, line };
  const tail = readLineTail(line, head, options.queryLogLimit);
  if (typeof tail === "string") return { ok: false, reason: tail, line };
  return {
    ok: true,
    record: {
      dialect: tail.dialect,
      timeMs: head.timeMs,
      serverHost: head.serverHost,
      user: head.user,
      host: head.host,
      connectionId: head.connectionId,
      queryId: head.queryId,
      operation: head.operation,
      database: tail.database,
      object: tail.object,
      retcode: tail.retcode,
      truncated: tail.truncated,
    },
  };
}

/** What stands before the marker may look complete, but its last field may be cut as well. */
function parseMarkedLine(line: string, options: ParseOptions): ParsedLine {
  let end = line.length;
  // A hostile text can hold very many of them.
  while (line.endsWith(cutMarker, end)) end -= cutMarker.length;
  const parsed = parseAuditLine(line.slice(0, end), options);
  if (!parsed.ok) return { ...parsed, line };
  return { ok: true, record: { ...parsed.record, retcode: undefined, truncated: true } };
}

/**
 * Parses the message of one log event into `results`. It holds one line, as a rule; when it holds several, each is a
 * record of its own, unless only the whole is one (a line break inside a name). A part that is no record is reported as
 * malformed, never left out; only blank parts between others are.
 */
export function parseAuditMessage(message: string, options: ParseOptions, results: ParsedLine[]): void {
  const text = message.endsWith("\n") ? message.replace(/[\r\n]{1,2}$/u, "") : message;
  if (!text.includes("\n")) {
    results.push(parseAuditLine(text, options));
    return;
  }
  const lines = text.split(/\r?\n/u).filter((line) => line.trim() !== "");
  const parts = lines.map((line) => parseAuditLine(line, options));
  if (parts.some((part) => !part.ok)) {
    const whole = parseAuditLine(text, options);
    if (whole.ok) {
      results.push(whole);
      return;
    }
  }
  // They can be more than a call takes arguments.
  for (const part of parts) results.push(part);
}
