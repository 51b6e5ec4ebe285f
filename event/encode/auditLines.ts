import { parseAuditLine, type ParsedLine } from "../../handler/log/auditLine";
import { splitLines } from "../input";
import { Unusable } from "../unusable";
import { splitStatements, type SqlStatement } from "./sqlStatements";

/** A line of an audit log, with the moment at which CloudWatch Logs got it. */
export interface TimedLine {
  readonly line: string;
  readonly timestampMs: number;
}

/**
 * Takes audit lines as they are, or makes some of SQL.
 *
 * @throws {Unusable} when the text is neither.
 */
export function readAuditLines(text: string, nowMs: number): readonly TimedLine[] {
  if (/^\s*[{[]/u.test(text)) {
    throw new Unusable(
      "the input is JSON: encode takes audit lines or SQL; an event is read by npm run event -- decode",
    );
  }
  const lines = splitLines(text);
  const parsed = lines.map((line) => parseAuditLine(line.text));
  if (parsed.some(looksLikeRecord)) {
    return parsed.map((result, index) => ({
      line: lines[index]?.text ?? "",
      timestampMs: (result.ok ? result.record.timeMs : undefined) ?? nowMs,
    }));
  }
  return sqlLines(splitStatements(text.replace(/^\ufeff/u, "")), nowMs);
}

/** Also a record that is damaged behind its head: the function has to live with such lines, so they can be encoded. */
function looksLikeRecord(result: ParsedLine): boolean {
  return result.ok || (result.reason !== "no-head" && result.reason !== "empty");
}

const beginsLikeSql = /^(?:[a-z(]|\/\*)/iu;

function sqlLines(statements: readonly SqlStatement[], nowMs: number): readonly TimedLine[] {
  const odd = statements.find(({ text }) => !beginsLikeSql.test(text));
  if (odd !== undefined) {
    throw new Unusable(
      `line ${odd.line} of the input begins neither an audit line nor an SQL statement; give one of the two`,
    );
  }
  if (statements.length === 0) throw new Unusable("the SQL has no statement in it, only comments or USE");
  return statements.map((statement, index) => ({ line: mariadbLine(statement, nowMs, index + 1), timestampMs: nowMs }));
}

/** As RDS for MariaDB writes it: the one dialect in which every text arrives as it was sent. */
function mariadbLine({ text, database }: SqlStatement, nowMs: number, queryId: number): string {
  const time = new Date(nowMs).toISOString().slice(0, 19).replaceAll("-", "").replace("T", " ");
  return `${time},ip-10-0-0-1,app,10.0.0.7,8,${queryId},QUERY,${database},'${escapeText(text)}',0`;
}

const escapes: Readonly<Record<string, string>> = {
  "\b": "\\b",
  "\t": "\\t",
  "\n": "\\n",
  "\f": "\\f",
  "\r": "\\r",
  "'": "\\'",
  "\\": "\\\\",
};

function escapeText(text: string): string {
  return text.replace(/[\b\t\n\f\r'\\]/gu, (character) => escapes[character] ?? character);
}
