import { type PluginLine, timeOf } from "./pluginLine";

export const dialectNames = ["mariadb", "aurora", "rds-mysql"] as const;
export type DialectName = (typeof dialectNames)[number];

/** A line of the audit file. */
export interface AuditLine {
  /** One character for each byte. */
  readonly raw: string;
  /** `undefined`: not in the plugin's format. */
  readonly parsed: PluginLine | undefined;
  /** When it was seen in the file, in milliseconds since the epoch. */
  readonly seenMs: number;
}

/** What CloudWatch Logs calls a log event, and where it goes. */
export interface LogLine {
  /** One character for each byte. */
  readonly message: string;
  readonly timestampMs: number;
  readonly logStream: string;
}

/** Connections that had nothing to do, at a moment before the lines that come with this were read. */
export interface IdleConnections {
  has(connectionId: string): boolean;
}

/** How an engine would have written and delivered what the plugin wrote. */
export interface Dialect {
  readonly logGroup: string;
  /** Whether log streams overtake each other. */
  readonly unordered: boolean;
  /** Lines that wait for others, which tell whether they are shipped at all. */
  readonly held: number;
  /** Takes lines in the order of the log and gives back what is ready to be shipped. */
  accept(lines: readonly AuditLine[], idle: IdleConnections): readonly LogLine[];
}

const instance = "local-source";

/** RDS for MariaDB runs this very plugin. */
export function mariadbDialect(): Dialect {
  return {
    logGroup: `/aws/rds/instance/${instance}/audit`,
    unordered: false,
    held: 0,
    accept: (lines) => lines.map((line) => toLogLine(line, line.raw, instance)),
  };
}

export function toLogLine(line: AuditLine, message: string, logStream: string): LogLine {
  return { message, timestampMs: line.parsed === undefined ? line.seenMs : timeOf(line.parsed), logStream };
}
