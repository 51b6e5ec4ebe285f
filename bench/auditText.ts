/** Audit lines as the plugin writes them, and the envelopes that carry them, without a server. */
import { compress, EventIds, makeEnvelopes } from "../local/shipping/envelope";

const escapes: ReadonlyMap<string, string> = new Map([
  ["'", "\\'"],
  ["\\", "\\\\"],
  ["\n", "\\n"],
  ["\t", "\\t"],
  ["\r", "\\r"],
]);

export function auditLine(statement: string, queryId: number): string {
  const text = statement.replace(/['\\\n\t\r]/g, (character) => escapes.get(character) ?? character);
  return `20260115 10:20:30,db-1,app,10.0.0.7,${40 + (queryId % 20)},${queryId},QUERY,shop,'${text}',0`;
}

/** gzip data of stream records, as CloudWatch Logs would put them into the stream. */
export function packed(lines: readonly string[]): readonly Buffer[] {
  const stream = { timestampMs: Date.UTC(2026, 0, 15, 10, 20, 30), logStream: "db-1" };
  const own = lines.map((message) => ({ ...stream, message }));
  return makeEnvelopes("/aws/rds/instance/db-1/audit", own, new EventIds()).map(compress);
}
