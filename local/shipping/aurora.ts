import { type Random } from "../random";
import { type AuditLine, type Dialect, type LogLine, toLogLine } from "./dialect";
import { type PluginLine, timeOf } from "./pluginLine";

const cluster = "local-cluster";
const instance = "local-cluster-writer";

/** The log file number, in which Aurora puts each line at random; then the time that the file was begun. */
function logStreams(now: Date): readonly string[] {
  const begun = now.toISOString().slice(0, 16).replace(/[T:]/gu, "-");
  return [0, 1, 2, 3].map((file) => `${instance}.audit.log.${file}.${begun}.0.1`);
}

/**
 * Aurora MySQL: times in microseconds since the epoch, the instance's name as host, one space for each line break and
 * tab of a text, and the lines of each instance spread over four files that are not in order.
 */
export function auroraDialect(random: Random, now = new Date()): Dialect {
  const streams = logStreams(now);
  return {
    logGroup: `/aws/rds/cluster/${cluster}/audit`,
    unordered: true,
    held: 0,
    accept: (lines) => lines.map((line) => toAurora(line, random.pick(streams))),
  };
}

function toAurora(line: AuditLine, logStream: string): LogLine {
  const { parsed } = line;
  if (parsed === undefined) return toLogLine(line, line.raw, logStream);
  const micros = microseconds(parsed, line.seenMs);
  const { user, host, connectionId, queryId, operation } = parsed;
  const message = [micros, instance, user, host, connectionId, queryId, operation, auroraTail(parsed)].join(",");
  return { message, timestampMs: Math.floor(micros / 1000), logStream };
}

/** The plugin knows the second; the rest of it is taken from when the line was seen, which is a moment later. */
function microseconds(parsed: PluginLine, seenMs: number): number {
  const second = timeOf(parsed) * 1000;
  return Math.min(Math.max(seenMs * 1000, second), second + 999_999);
}

function auroraTail({ tail }: PluginLine): string {
  switch (tail.kind) {
    case "query":
      return `${tail.database},'${rewriteText(tail.text)}',${tail.retcode}`;
    case "table":
      return tail.raw.endsWith(",") ? `${tail.raw}0` : tail.raw;
    case "connection":
      return tail.raw;
  }
}

const unescaped: Readonly<Record<string, string>> = { b: "\b", t: " ", n: " ", f: "\f", r: " " };

/** From the plugin's escapes (`\b \t \n \f \r \' \\`) to Aurora's: only `\'` and `\\`, and spaces for white space. */
function rewriteText(text: string): string {
  return text.replace(/\\(.)/gsu, (pair: string, escaped: string) => unescaped[escaped] ?? pair);
}
