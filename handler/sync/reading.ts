/** From the envelopes of an event to what their statements may have changed; no database is asked. */
import { setImmediate } from "node:timers/promises";
import { parseAuditMessage, type ParsedLine } from "../log/auditLine";
import { decodeEnvelope, EnvelopeError, type LogEvent } from "../log/envelope";
import type { LogSource } from "../log/event";
import type { AuditRecord } from "../log/record";
import { sameTable } from "../source/catalog";
import { readStatement } from "../touch/statement";
import { namesIn, type TableIndex } from "../touch/tableIndex";
import type { StatementEffects, Touch } from "../touch/touch";
import { OpenPart, type Part, type Unreadable } from "./part";
import type { Picture } from "./pictures";
import { WrittenTables } from "./writtenTables";

/** What was read of an event. */
export interface Reading {
  /** Touches by kind, as the statements had them. */
  readonly kinds: Readonly<Record<Touch["kind"], number>>;
  readonly unreadable: number;
  /** Audit records of any operation. */
  readonly records: number;
  /** Milliseconds since the epoch at which the log got the oldest event; `undefined`: there was none. */
  readonly oldestEventMs: number | undefined;
  /** Milliseconds since the epoch that the latest heartbeat of this target names. */
  readonly heartbeatMs: number | undefined;
}

export interface ReadingOptions {
  readonly picture: Picture;
  readonly excludedUsers: ReadonlySet<string>;
  readonly heartbeatUser: string | undefined;
  readonly targetName: string;
  readonly nowMs: number;
}

const hourMs = 3_600_000;
/** Zones reach 14 hours from UTC: once for the log's own clock, which names no zone. A statement may run for a day. */
const earliestBeforeMs = 38 * hourMs;
/** Clocks of the source and of the function differ by less. */
const clockSkewMs = 5 * 60_000;

/** Lines between which other work gets a turn: a few milliseconds. */
const linesAtOnce = 256;

/** The effects of a QUERY record's text. */
export function readRecordText(record: AuditRecord, tables: TableIndex, nowMs: number): StatementEffects {
  const earliestMs = record.timeMs === undefined ? undefined : record.timeMs - earliestBeforeMs;
  return readStatement(record.object, {
    database: defaultDatabase(record),
    dialect: record.dialect,
    truncated: record.truncated,
    retcode: record.retcode,
    tables,
    now: earliestMs === undefined ? undefined : { earliestMs, latestMs: nowMs + clockSkewMs },
  });
}

/** Reads the records of one event: pure, but that it gives other work a turn. */
export class Reader {
  readonly #options: ReadingOptions;
  readonly #kinds: Record<Touch["kind"], number> = { keys: 0, where: 0, tail: 0, all: 0 };
  readonly #written: WrittenTables;
  #part = new OpenPart();
  #unreadable = 0;
  #records = 0;
  #oldestEventMs: number | undefined;
  #heartbeatMs: number | undefined;

  constructor(options: ReadingOptions) {
    this.#options = options;
    this.#written = new WrittenTables(options.picture.tables);
  }

  /**
   * Everything in the sources, part by part; nothing at all when they come to nothing.
   *
   * @param isAwaited somebody has nothing to do until the next part; else parts are as large as memory allows.
   */
  async *parts(sources: readonly LogSource[], isAwaited: () => boolean): AsyncGenerator<Part> {
    let lines = 0;
    for (const source of sources) {
      for (const event of this.#eventsOf(source)) {
        this.#readEvent(event, source);
        const turn = ++lines % linesAtOnce === 0;
        if (this.#part.isFull || (turn && isAwaited() && this.#part.isWorthwhile)) yield this.#endPart();
        if (turn) await setImmediate();
      }
    }
    const last = this.#endPart();
    if (last.touches.size > 0 || last.unreadable.length > 0 || last.schemaChanged) yield last;
  }

  result(): Reading {
    return {
      kinds: this.#kinds,
      unreadable: this.#unreadable,
      records: this.#records,
      oldestEventMs: this.#oldestEventMs,
      heartbeatMs: this.#heartbeatMs,
    };
  }

  #endPart(): Part {
    const part = this.#part.end();
    this.#part = new OpenPart();
    return part;
  }

  #eventsOf(source: LogSource): readonly LogEvent[] {
    try {
      const envelope = decodeEnvelope(source.data);
      return envelope.kind === "control" ? [] : envelope.events;
    } catch (error) {
      if (!(error instanceof EnvelopeError)) throw error;
      this.#setAside("record", error.message, Buffer.from(source.data, "base64"), source);
      return [];
    }
  }

  #readEvent({ message, timestamp }: LogEvent, source: LogSource): void {
    this.#oldestEventMs = Math.min(this.#oldestEventMs ?? timestamp, timestamp);
    const lines: ParsedLine[] = [];
    parseAuditMessage(message, { queryLogLimit: this.#options.picture.queryLogLimit }, lines);
    for (const line of lines) {
      if (line.ok) this.#readRecord(line.record, timestamp);
      else if (line.reason !== "empty") this.#readMalformed(line.line, line.reason, source);
    }
  }

  #readRecord(record: AuditRecord, loggedAtMs: number): void {
    this.#records += 1;
    if (record.operation === "WRITE") this.#written.note(record);
    if (record.operation !== "QUERY" || this.#options.excludedUsers.has(record.user)) return;
    if (record.user === this.#options.heartbeatUser) this.#readHeartbeat(record.object);
    const { picture, nowMs } = this.#options;
    const written = this.#written.take(record);
    if (record.retcode === 0 && !record.truncated && picture.behind.isTriggersOwn(record.object)) return;
    const effects = readRecordText(record, picture.tables, nowMs);
    const touches = [...effects.touches, ...picture.behind.touches(effects, defaultDatabase(record), record.object)];
    if (effects.schemaChange) this.#part.schemaChanged = true;
    if (effects.programChange || this.#takesEffectsAlong(effects, record.object)) {
      touches.push(...this.#everyTable("ddl"));
    }
    for (const table of written) {
      const known = touches.some((touch) => sameTable(touch.table, table));
      if (known || picture.behind.mayReach(record.object, table.table)) continue;
      touches.push({ kind: "all", table, reason: "unexplained-write" });
    }
    if (touches.length === 0) return;
    this.#add(record.connectionId, touches, record.object.length);
    this.#part.times.push(loggedAtMs);
  }

  /** Statements that ran before it are read without knowing what they set off. */
  #takesEffectsAlong({ tablesGone }: StatementEffects, text: string): boolean {
    const { effective } = this.#options.picture;
    return tablesGone && [...namesIn(text)].some((name) => effective.has(name.toLowerCase()));
  }

  #readHeartbeat(text: string): void {
    const [, target, sentMs] = heartbeatShape.exec(text) ?? [];
    if (target === this.#options.targetName) this.#heartbeatMs = Math.max(this.#heartbeatMs ?? 0, Number(sentMs));
  }

  /** The line is kept, and every table that it may speak of is compared: it may have been a write. */
  #readMalformed(line: string, reason: string, source: LogSource): void {
    this.#setAside("line", `an audit line cannot be read: ${reason}`, Buffer.from(line, "utf8"), source);
    const text = line.toLowerCase();
    const named = this.#everyTable("malformed").filter((touch) => text.includes(touch.table.table.toLowerCase()));
    const touches = [...named, ...this.#options.picture.behind.ofUnreadable(line)];
    if (touches.length > 0) this.#add(undefined, touches, 0);
  }

  #everyTable(reason: "ddl" | "malformed"): Touch[] {
    return this.#options.picture.names.map((name) => ({ kind: "all", table: name, reason }));
  }

  #add(connectionId: string | undefined, touches: readonly Touch[], length: number): void {
    for (const touch of touches) this.#kinds[touch.kind] += 1;
    this.#part.add(connectionId, touches, length);
  }

  #setAside(kind: Unreadable["kind"], reason: string, payload: Buffer, { sequenceNumber }: LogSource): void {
    this.#unreadable += 1;
    this.#part.setAside({ kind, reason, payload, sequenceNumber });
  }
}

/** The marker that the tick writes into the audit log as the heartbeat user. */
export function heartbeatStatement(target: string, nowMs: number): string {
  return `DO 'audit-sync heartbeat ${target} ${nowMs}'`;
}

const heartbeatShape = /audit-sync heartbeat ([a-z0-9-]+) (\d+)/u;

/**
 * What an event runs is logged by MariaDB with `mysql` as its database, whatever the event's own is. Empty: not known, so
 * that a table's name without its database may be any table of that name.
 */
function defaultDatabase(record: AuditRecord): string {
  return record.user === "event_scheduler" ? "" : record.database;
}
