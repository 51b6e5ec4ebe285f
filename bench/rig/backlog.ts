/** Work that was done at a source while nobody followed: its audit log as stream records, and its place in the binlog. */
import { statSync } from "node:fs";
import { type Mariadb } from "../../local/mariadb";
import { AuditTail } from "../../local/shipping/auditTail";
import { type AuditLine, mariadbDialect } from "../../local/shipping/dialect";
import { compress, EventIds, makeEnvelopes } from "../../local/shipping/envelope";
import { parsePluginLine } from "../../local/shipping/pluginLine";
import { type StreamRecord } from "../../local/stream/kinesis";
import { textRows } from "../../local/textRows";
import { asRoot } from "../../local/targets";
import { connectAsRoot } from "./servers";

export interface BinlogRange {
  readonly file: string;
  readonly from: number;
  readonly to: number;
}

export interface Backlog {
  readonly statements: number;
  readonly records: readonly StreamRecord[];
  /** The statements' texts in the order of the log, for those who replay texts. */
  readonly texts: () => readonly string[];
  readonly binlog: BinlogRange;
}

/** Connections that work at the source at the same time, and statements that each sends at once: it must not take long. */
const connections = 4;
const statementsPerPacket = 50;

/** Runs `statements` at the source, each in a transaction of its own, and gathers what they leave behind. */
export async function makeBacklog(source: Mariadb, statements: readonly string[]): Promise<Backlog> {
  const tail = new AuditTail(source.auditFile, statSync(source.auditFile).size);
  const start = await binlogPosition(source);
  await runStatements(source, statements);
  const end = await binlogPosition(source);
  if (end.file !== start.file) throw new Error("the binlog was rotated; the benchmark reads one file of it");
  const lines = readLines(tail);
  tail.close();
  return {
    statements: statements.length,
    records: toRecords(lines),
    texts: () => lines.flatMap(({ parsed }) => (parsed?.tail.kind === "query" ? [parsed.tail.text] : [])).map(unescape),
    binlog: { file: start.file, from: start.position, to: end.position },
  };
}

async function runStatements(source: Mariadb, statements: readonly string[]): Promise<void> {
  const share = Math.ceil(statements.length / connections);
  await Promise.all(
    Array.from({ length: connections }, async (_, worker) => {
      const own = statements.slice(worker * share, (worker + 1) * share);
      const connection = await connectAsRoot(source);
      await connection.query("USE shop");
      for (let from = 0; from < own.length; from += statementsPerPacket) {
        await connection.query(own.slice(from, from + statementsPerPacket).join(";\n"));
      }
      await connection.end();
    }),
  );
}

async function binlogPosition(source: Mariadb): Promise<{ file: string; position: number }> {
  const rows = await asRoot(source, (root) => textRows(root, "SHOW MASTER STATUS"));
  const [file, position] = rows[0] ?? [];
  if (file === undefined) throw new Error("the source has no binlog");
  return { file, position: Number(position) };
}

/** Everything that is in the log and was not read before. */
export function readLines(tail: AuditTail): readonly AuditLine[] {
  const lines: AuditLine[] = [];
  for (let read = tail.read(); read !== undefined; read = tail.read()) {
    for (const raw of read) lines.push({ raw, parsed: parsePluginLine(raw), seenMs: Date.now() });
  }
  return lines;
}

/** What arrives in the stream, as one shard. */
export function toRecords(lines: readonly AuditLine[]): readonly StreamRecord[] {
  const dialect = mariadbDialect();
  const accepted = dialect.accept(lines, new Set());
  return makeEnvelopes(dialect.logGroup, accepted, new EventIds()).map((envelope, index) => ({
    shardId: "shardId-000000000000",
    sequenceNumber: String(10n ** 20n + BigInt(index)),
    partitionKey: String(index),
    data: compress(envelope),
    arrivedMs: Date.now(),
  }));
}

/** The statements of the benchmark hold no other escapes than these. */
function unescape(text: string): string {
  return text.replace(/\\(.)/gsu, "$1");
}
