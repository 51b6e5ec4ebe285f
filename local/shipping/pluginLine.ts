/**
 * A line as the server_audit plugin of MariaDB wrote it. Text is Latin-1, one character for each byte: the plugin writes
 * the client's bytes as they are, in whatever character set.
 */
export interface PluginLine {
  /** `YYYYMMDD HH:MM:SS`, UTC. */
  readonly time: string;
  readonly serverHost: string;
  readonly user: string;
  readonly host: string;
  readonly connectionId: string;
  readonly queryId: bigint;
  readonly operation: string;
  readonly tail: LineTail;
  /** The whole line. */
  readonly raw: string;
}

export type LineTail =
  /** `text` is still escaped. */
  | { readonly kind: "query"; readonly database: string; readonly text: string; readonly retcode: string }
  | { readonly kind: "table" | "connection"; readonly raw: string };

const tableOperations = new Set(["READ", "WRITE", "CREATE", "ALTER", "RENAME", "DROP"]);
const connectionOperations = new Set(["CONNECT", "DISCONNECT", "FAILED_CONNECT", "CHANGEUSER", "PROXY_CONNECT"]);

const head = /^(\d{8} \d{2}:\d{2}:\d{2}),([^,]*),([^,]*),([^,]*),(-?\d+),(-?\d+),([A-Z_]+),/u;
const queryTail = /^([^']*),'(.*)',(\d+)$/su;

/** `undefined`: not a line of the plugin's default format; it is shipped as it is. */
export function parsePluginLine(raw: string): PluginLine | undefined {
  const match = head.exec(raw);
  if (match === null) return undefined;
  const [start, time = "", serverHost = "", user = "", host = "", connectionId = "", queryId = "", operation = ""] =
    match;
  const tail = parseTail(operation, raw.slice(start.length));
  if (tail === undefined) return undefined;
  return { time, serverHost, user, host, connectionId, queryId: BigInt(queryId), operation, tail, raw };
}

function parseTail(operation: string, raw: string): LineTail | undefined {
  if (tableOperations.has(operation)) return { kind: "table", raw };
  if (connectionOperations.has(operation)) return { kind: "connection", raw };
  const query = operation === "QUERY" ? queryTail.exec(raw) : null;
  if (query === null) return undefined;
  const [, database = "", text = "", retcode = ""] = query;
  return { kind: "query", database, text, retcode };
}

/** Milliseconds since the epoch. */
export function timeOf(line: PluginLine): number {
  const [date = "", clock = ""] = line.time.split(" ");
  return Date.parse(`${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}T${clock}Z`);
}
