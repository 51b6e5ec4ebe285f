/** The first part of a record, up to its operation: what all dialects share. */
import type { MalformedReason } from "./malformed";

/** Decides how the rest of the record reads. */
export type OperationKind = "query" | "table" | "rename" | "session";

/** All operations that a server has been seen to write, in documentation, samples or plugin sources. */
const operationKinds: ReadonlyMap<string, OperationKind> = new Map([
  ["QUERY", "query"],
  ["READ", "table"],
  ["WRITE", "table"],
  ["CREATE", "table"],
  ["ALTER", "table"],
  ["DROP", "table"],
  ["RENAME", "rename"],
  ["CONNECT", "session"],
  ["DISCONNECT", "session"],
  ["FAILED_CONNECT", "session"],
  ["CHANGEUSER", "session"],
  ["CHANGE_USER", "session"],
  ["PROXY_CONNECT", "session"],
  ["AUDIT_CONFIG", "session"],
]);

export interface LineHead {
  /** The first field is a Unix time, as only Aurora writes it. */
  readonly epochTime: boolean;
  readonly timeMs: number | undefined;
  readonly serverHost: string;
  readonly user: string;
  readonly host: string;
  readonly connectionId: string;
  readonly queryId: string;
  readonly operation: string;
  readonly kind: OperationKind;
  /** Index of the first character behind the operation's comma. */
  readonly next: number;
}

/** Connection id, query id and operation: the one place of a record that cannot be mistaken for another. */
interface Anchor {
  /** Index of the comma before the connection id. */
  readonly start: number;
  readonly connectionId: string;
  readonly queryId: string;
  readonly operation: string;
  readonly kind: OperationKind;
  readonly next: number;
}

const comma = 0x2c;
const blank = 0x20;
const colon = 0x3a;
const minus = 0x2d;

interface Time {
  readonly epoch: boolean;
  readonly ms: number;
  /** Index of the comma behind it. */
  readonly end: number;
}

/** Longer than the longest time, host, user and host together (user and host: 255 characters each). */
const headLimit = 1500;

/**
 * Names are written raw, so a user name may hold commas; MariaDB 12 lets the time hold commas as well; the syslog output
 * has no time but a prefix. So the anchor is looked for, and the names are what stands before it.
 */
export function readLineHead(line: string): LineHead | MalformedReason {
  const time = readTime(line);
  if (time !== undefined) {
    const user = line.indexOf(",", time.end + 1);
    const host = line.indexOf(",", user + 1);
    const start = line.indexOf(",", host + 1);
    const anchor = user > 0 && host > user && start > host ? readAnchor(line, start) : undefined;
    if (anchor !== undefined) {
      return {
        epochTime: time.epoch,
        timeMs: time.ms,
        serverHost: line.slice(time.end + 1, user),
        user: line.slice(user + 1, host),
        host: withoutBlanks(line.slice(host + 1, start)),
        connectionId: anchor.connectionId,
        queryId: anchor.queryId,
        operation: anchor.operation,
        kind: anchor.kind,
        next: anchor.next,
      };
    }
  }
  return readIrregularHead(line, time);
}

function readIrregularHead(line: string, time: Time | undefined): LineHead | MalformedReason {
  const from = time === undefined ? 0 : time.end + 1;
  const anchor = findAnchor(line, from);
  if (anchor === undefined) return hasUnknownOperation(line, from) ? "unknown-operation" : "no-head";
  const names = readNames(line.slice(from, anchor.start), time !== undefined);
  if (names === undefined) return "no-head";
  const { connectionId, queryId, operation, kind, next } = anchor;
  return {
    epochTime: time?.epoch ?? false,
    timeMs: time?.ms,
    ...names,
    connectionId,
    queryId,
    operation,
    kind,
    next,
  };
}

function findAnchor(line: string, from: number): Anchor | undefined {
  for (let at = line.indexOf(",", from); at !== -1 && at < from + headLimit; at = line.indexOf(",", at + 1)) {
    const anchor = readAnchor(line, at);
    if (anchor !== undefined) return anchor;
  }
  return undefined;
}

function readAnchor(line: string, start: number): Anchor | undefined {
  const connectionEnd = endOfInteger(line, start + 1);
  if (connectionEnd === -1) return undefined;
  const queryEnd = endOfInteger(line, connectionEnd + 1);
  if (queryEnd === -1) return undefined;
  const operation = readOperation(line, queryEnd + 1);
  const kind = operationKinds.get(operation);
  if (kind === undefined) return undefined;
  return {
    start,
    connectionId: unsignedId(line.slice(start + 1, connectionEnd)),
    queryId: line.slice(connectionEnd + 1, queryEnd),
    operation,
    kind,
    next: queryEnd + operation.length + 2,
  };
}

/** Up to its comma. The test for the most frequent one saves making and hashing a string. */
function readOperation(line: string, start: number): string {
  if (line.startsWith("QUERY,", start)) return "QUERY";
  const end = line.indexOf(",", start);
  return end === -1 ? "" : line.slice(start, end);
}

/** Index of the comma behind an integer that starts here, or -1. */
function endOfInteger(line: string, start: number): number {
  let at = line.charCodeAt(start) === minus ? start + 1 : start;
  const firstDigit = at;
  while (isDigit(line.charCodeAt(at))) at++;
  return at > firstDigit && line.charCodeAt(at) === comma ? at : -1;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** MariaDB Enterprise puts a blank before some hosts. */
function withoutBlanks(host: string): string {
  return host.charCodeAt(0) === blank ? host.trim() : host;
}

/** The plugins print the unsigned 32-bit connection id as a signed one. */
function unsignedId(id: string): string {
  return id.startsWith("-") ? String(Number(id) + 2 ** 32) : id;
}

function hasUnknownOperation(line: string, from: number): boolean {
  return /,-?\d+,-?\d+,[A-Z][A-Z_ ]*,/u.test(line.slice(from, from + headLimit));
}

interface Names {
  readonly serverHost: string;
  readonly user: string;
  readonly host: string;
}

/** `server host,user,host`, where the user may hold commas and, without a known time, something stands in front. */
function readNames(text: string, afterTime: boolean): Names | undefined {
  const fields = text.split(",");
  const host = fields.at(-1);
  if (fields.length < 3 || host === undefined) return undefined;
  if (afterTime || fields.length === 3 || text.includes("server_auditing: ")) {
    return { serverHost: lastWord(fields[0] ?? ""), user: fields.slice(1, -1).join(","), host: withoutBlanks(host) };
  }
  return { serverHost: fields.at(-3) ?? "", user: fields.at(-2) ?? "", host: withoutBlanks(host) };
}

/** Syslog output: `May 24 11:51:30 db1 mysql-server_auditing: <info> db1` */
function lastWord(text: string): string {
  return text.slice(text.lastIndexOf(" ") + 1);
}

/** `20230501 10:02:19` (RDS, MariaDB) or a Unix time: microseconds, before Aurora 1.11 seconds. All read as UTC. */
function readTime(line: string): Time | undefined {
  if (line.charCodeAt(16) === comma) {
    const ms = digits(line, 0, 13);
    return ms === -1 || digits(line, 13, 16) === -1 ? undefined : { epoch: true, ms, end: 16 };
  }
  if (line.charCodeAt(17) === comma && line.charCodeAt(8) === blank) {
    const ms = dateMs(line);
    return ms === -1 ? undefined : { epoch: false, ms, end: 17 };
  }
  if (line.charCodeAt(10) === comma) {
    const seconds = digits(line, 0, 10);
    return seconds === -1 ? undefined : { epoch: true, ms: seconds * 1000, end: 10 };
  }
  return undefined;
}

function dateMs(line: string): number {
  if (line.charCodeAt(11) !== colon || line.charCodeAt(14) !== colon) return -1;
  const year = digits(line, 0, 4);
  const month = digits(line, 4, 6);
  const day = digits(line, 6, 8);
  const hour = digits(line, 9, 11);
  const minute = digits(line, 12, 14);
  const second = digits(line, 15, 17);
  if (Math.min(year, month, day, hour, minute, second) === -1) return -1;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/** The number that these characters write in full, or -1. */
function digits(line: string, from: number, to: number): number {
  let value = 0;
  for (let index = from; index < to; index++) {
    const digit = line.charCodeAt(index) - 0x30;
    if (!(digit >= 0 && digit <= 9)) return -1;
    value = value * 10 + digit;
  }
  return value;
}
