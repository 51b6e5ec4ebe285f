/** The last part of a record, behind its operation: differs by the kind of operation and by dialect. */
import type { LineHead } from "./lineHead";
import type { MalformedReason } from "./malformed";
import { readQueryText } from "./queryText";
import type { Dialect } from "./record";
import { mayBeCut } from "./truncation";

export interface LineTail {
  readonly database: string;
  readonly object: string;
  readonly retcode: number | undefined;
  readonly truncated: boolean;
  readonly dialect: Dialect;
}

/** How RDS for MySQL names the type of a connection in a field of its own; MariaDB Enterprise names the TLS version there. */
const connectionTypes: ReadonlySet<string> = new Set([
  "UNDEFINED",
  "TCP/IP",
  "SOCKET",
  "NAMED_PIPE",
  "SSL",
  "SHARED_MEMORY",
]);

export function readLineTail(
  line: string,
  head: LineHead,
  queryLogLimit: number | undefined,
): LineTail | MalformedReason {
  switch (head.kind) {
    case "query":
      return readQuery(line, head, queryLogLimit);
    case "table":
      return readTable(line, head);
    case "rename":
      return readRename(line, head);
    case "session":
      return readSession(line, head);
  }
}

/**
 * `database,'text',retcode`. The database is raw and may hold `,'` itself, so each place where the text could begin is
 * tried until the rest fits. The text holds no bare quote, so no part of the line is read twice.
 */
function readQuery(line: string, head: LineHead, queryLogLimit: number | undefined): LineTail | MalformedReason {
  const first = line.indexOf(",'", head.next);
  let reason: MalformedReason = "no-text";
  for (let open = first; open !== -1; open = line.indexOf(",'", open + 1)) {
    const text = readQueryText(line, open + 2);
    if (text === undefined) return "unknown-escape";
    // The database is read at the end only: it is the whole name, and a hostile one holds very many places.
    if (text.end === line.length && open === first) {
      // The line itself was cut, on its way: CloudWatch Logs takes 1 MB for one event.
      const database = databaseName(line.slice(head.next, open));
      return { database, object: text.text, retcode: undefined, truncated: true, dialect: shape(head, 0) };
    }
    const ending = readEnding(line, text.end + 1);
    if (ending !== undefined) {
      const truncated = mayBeCut(line, open + 2, text.end, queryLogLimit);
      const database = databaseName(line.slice(head.next, open));
      return { database, object: text.text, retcode: ending.retcode, truncated, dialect: shape(head, ending.extra) };
    }
    reason = "no-retcode";
  }
  return reason;
}

/** RDS for MySQL closes a QUERY record with two empty fields. */
function shape(head: LineHead, extraFields: number): Dialect {
  if (head.epochTime) return "aurora";
  return extraFields === 2 ? "rds-mysql" : "mariadb";
}

/** `,0` and at most two more fields, up to the end of the line. */
function readEnding(line: string, start: number): { retcode: number; extra: number } | undefined {
  // The common endings cost no regular expression: `,0` and `,0,,`.
  if (line.charCodeAt(start) === 0x2c && line.charCodeAt(start + 1) === 0x30) {
    if (line.length === start + 2) return { retcode: 0, extra: 0 };
    if (line.length === start + 4 && line.endsWith(",,")) return { retcode: 0, extra: 2 };
  }
  if (line.length > start + 200) return undefined;
  const match = /^,(-?\d{1,10})((?:,[^,']*){0,2})$/u.exec(line.slice(start));
  if (match?.[1] === undefined) return undefined;
  return { retcode: Number(match[1]), extra: (match[2] ?? "").split(",").length - 1 };
}

/** RDS for MySQL copies what follows USE as it was typed: blanks and backticks included. */
function databaseName(raw: string): string {
  if (raw === "" || (raw.charCodeAt(0) > 0x60 && raw.charCodeAt(raw.length - 1) > 0x60)) return raw;
  const name = raw.trim();
  if (name.length < 2 || !name.startsWith("`") || !name.endsWith("`")) return name;
  return name.slice(1, -1).replaceAll("``", "`");
}

/** `database,table,` with or without a return code. MariaDB Enterprise adds a field for the TLS version. */
function readTable(line: string, head: LineHead): LineTail | MalformedReason {
  const fields = withoutTlsField(line.slice(head.next).split(","));
  const [database, table, code] = fields;
  if (database === undefined || table === undefined || code === undefined) return "no-retcode";
  const dialect = shape(head, 0);
  if (fields.length === 3) {
    const retcode = optionalRetcode(code);
    if (retcode === "none") return "no-retcode";
    return { database, object: table, retcode, truncated: false, dialect };
  }
  // A READ changes nothing, so it does not matter which comma divides database and table.
  if (head.operation !== "READ") return "ambiguous-name";
  return { database, object: fields.slice(1, -1).join(","), retcode: undefined, truncated: false, dialect };
}

function withoutTlsField(fields: readonly string[]): readonly string[] {
  const [, , code, tls] = fields;
  return fields.length === 4 && code === "" && tls !== undefined && (tls === "" || tls.startsWith("TLS"))
    ? fields.slice(0, 3)
    : fields;
}

/** `database,old|newdatabase.new,`; MariaDB Enterprise: `database,old,newdatabase,new`. Both become the first form. */
function readRename(line: string, head: LineHead): LineTail | MalformedReason {
  const fields = withoutTlsField(line.slice(head.next).split(","));
  const [database, object, third, fourth] = fields;
  if (database === undefined || object === undefined || third === undefined) return "no-retcode";
  const dialect = shape(head, 0);
  if (fields.length === 3 && object.includes("|")) {
    const retcode = optionalRetcode(third);
    if (retcode === "none") return "no-retcode";
    return { database, object, retcode, truncated: false, dialect };
  }
  if (fields.length === 4 && fourth !== undefined && !object.includes("|")) {
    return { database, object: `${object}|${third}.${fourth}`, retcode: undefined, truncated: false, dialect };
  }
  return "ambiguous-name";
}

function optionalRetcode(field: string): number | undefined | "none" {
  if (field === "") return undefined;
  return /^-?\d{1,10}$/u.test(field) ? Number(field) : "none";
}

/** `database,object,retcode` and maybe a field for the connection's type; nothing of it can change a row. */
function readSession(line: string, head: LineHead): LineTail | MalformedReason {
  const fields = line.slice(head.next).split(",");
  const last = fields.length - 1;
  const at = [last, last - 1].find((index) => index >= 2 && /^-?\d{1,10}$/u.test(fields[index] ?? ""));
  if (at === undefined) return "no-retcode";
  const connectionType = at < last && connectionTypes.has(fields[last] ?? "");
  return {
    database: databaseName(fields[0] ?? ""),
    object: fields.slice(1, at).join(","),
    retcode: Number(fields[at]),
    truncated: false,
    dialect: shape(head, connectionType ? 2 : 0),
  };
}
