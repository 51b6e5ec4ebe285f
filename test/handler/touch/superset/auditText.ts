/** A statement as an audit log has it, through the handler's own reading of the line. */
import { parseAuditLine } from "../../../../handler/log/auditLine";
import type { AuditRecord, Dialect } from "../../../../handler/log/record";

const escapes: Readonly<Record<string, string>> = {
  "\b": "\\b",
  "\t": "\\t",
  "\n": "\\n",
  "\f": "\\f",
  "\r": "\\r",
  "'": "\\'",
  "\\": "\\\\",
};

/** Aurora and old plugins write a space for each line break and tab. */
function escapeText(dialect: Dialect, text: string): string {
  const plain = dialect === "aurora" ? text.replace(/[\r\n\t]/gu, " ") : text;
  return plain.replace(/['\\\b\t\n\f\r]/gu, (character) => escapes[character] ?? character);
}

export function auditRecord(dialect: Dialect, database: string, text: string, retcode: number): AuditRecord {
  const time = dialect === "aurora" ? "1717171717171717" : "20240531 12:00:00";
  const tail = dialect === "rds-mysql" ? ",," : "";
  const escaped = escapeText(dialect, text);
  const line = `${time},server,app,10.0.0.1,7,42,QUERY,${database},'${escaped}',${retcode}${tail}`;
  const parsed = parseAuditLine(line, { queryLogLimit: 0 });
  if (!parsed.ok) throw new Error(`the line is malformed: ${parsed.reason}`);
  return parsed.record;
}
