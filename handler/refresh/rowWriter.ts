import { SyncError } from "../errors";
import { targetTable, type PlannedColumn, type RoutePlan } from "../routes/plan";
import { strictMode } from "../sql/sessions";
import type { Row, Session } from "../sql/connection";
import { identifier, value, type SqlText, type Value } from "../sql/text";

/** Bytes of one INSERT, about: it is worth its round trip, and the next rows are read while the server works on it. */
const flushBytes = 100_000;
const separator = ", ";
/** Bytes of a packet that are not the statement's, generously. */
const packetReserve = 100;

/**
 * Writes rows as read from the source (see `reads` of the plan), a bounded number of bytes at a time. One INSERT is on its
 * way while the rows of the next one are gathered.
 */
export class RowWriter {
  readonly #plan: RoutePlan;
  readonly #target: Session;
  readonly #start: SqlText;
  readonly #end: SqlText;
  #rows: SqlText[] = [];
  #bytes = 0;
  #lenient = false;
  #writing = Promise.resolve();

  /** `upsert`: a row of the same key is changed. `insert`: it is an error. */
  constructor(plan: RoutePlan, target: Session, mode: "upsert" | "insert") {
    const names = plan.columns.map((column) => identifier(column.target.name));
    this.#plan = plan;
    this.#target = target;
    this.#start = `INSERT INTO ${targetTable(plan)} (${names.join(", ")}) VALUES `;
    this.#end =
      mode === "insert"
        ? ""
        : ` ON DUPLICATE KEY UPDATE ${names.map((name) => `${name} = VALUES(${name})`).join(", ")}`;
  }

  /**
   * Settles when more rows may come; `undefined`: at once. Fails with what an earlier row met as well.
   *
   * @throws {SyncError} ROW_REFUSED for a row that the server would not take in one statement. It is not sent: that would
   *   cost the connection, and with it whatever else the transaction holds.
   */
  add(row: Row): Promise<void> | undefined {
    const room = this.#target.maxPacketBytes - this.#start.length - this.#end.length - packetReserve;
    if (row.some(isLarge)) return this.#writeLarge(row, room);
    const text = rowValues(this.#plan, row);
    if (text.length > room) return Promise.reject(tooLarge(this.#plan));
    if (this.#bytes + text.length > room) {
      return this.#write().then(() => {
        this.#push(row, text);
      });
    }
    this.#push(row, text);
    return this.#bytes >= flushBytes ? this.#write() : undefined;
  }

  /** Settles when every row has been written. */
  async flush(): Promise<void> {
    await this.#write();
    await this.#writing;
  }

  #push(row: Row, text: SqlText): void {
    this.#rows.push(text);
    this.#bytes += text.length + separator.length;
    this.#lenient ||= needsLenientMode(this.#plan, row);
  }

  /** Begins to write what was gathered; settles when the INSERT before that is over. */
  async #write(): Promise<void> {
    await this.#writing;
    if (this.#rows.length === 0) return;
    const sql = this.#start + this.#rows.join(separator) + this.#end;
    const { id } = this.#plan;
    this.#writing = this.#inMode(this.#lenient, async () => {
      await this.#target.run(sql, `writing ${id}`);
    });
    // It is awaited, but only with the next one: nobody would have heard of a failure until then.
    this.#writing.catch(() => undefined);
    this.#rows = [];
    this.#bytes = 0;
    this.#lenient = false;
  }

  /** Alone, and to its end: the next row is read when this one has left the memory. */
  async #writeLarge(row: Row, room: number): Promise<void> {
    const values = row.slice(0, this.#plan.columns.length).filter(isLarge);
    const text = rowValues(this.#plan, row, isLarge);
    if (values.reduce((sum, { length }) => sum + length, text.length) > room) throw tooLarge(this.#plan);
    await this.flush();
    await this.#inMode(needsLenientMode(this.#plan, row), async () => {
      await this.#target.runWithValues(this.#start + text + this.#end, values, `writing ${this.#plan.id}`);
    });
  }

  async #inMode(lenient: boolean, write: () => Promise<void>): Promise<void> {
    if (lenient) await this.#target.run("SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES'", "writing");
    try {
      await write();
    } finally {
      if (lenient && !this.#target.broken) await this.#target.run(strictMode, "writing");
    }
  }
}

/** Values of so many bytes are not made a part of the statement's text. */
const largeBytes = 1_000_000;

function isLarge(bytes: Value): bytes is Buffer {
  return bytes !== null && bytes.length >= largeBytes;
}

function tooLarge({ id }: RoutePlan): SyncError {
  return new SyncError(
    "ROW_REFUSED",
    `writing ${id} at the target: a row is larger than max_allowed_packet (1153); raise it there`,
    1153,
  );
}

/** `asParameter`: values for which a `?` is to stand. */
export function rowValues(plan: RoutePlan, row: Row, asParameter: (bytes: Buffer) => boolean = () => false): SqlText {
  const values = plan.columns.map((column, index) => {
    const bytes = row[index] ?? null;
    return bytes !== null && asParameter(bytes) ? parameter(column) : value(bytes, column.introducer);
  });
  return `(${values.join(", ")})`;
}

/** A binary string where a column takes it byte by byte; else it has to be told what the bytes are. */
function parameter({ source, target, introducer }: PlannedColumn): SqlText {
  const asItIs =
    introducer === "_binary" || (source.characterSet !== undefined && source.characterSet === target.characterSet);
  return asItIs ? "?" : `CONVERT(? USING ${introducer.slice(1)})`;
}

/**
 * An ENUM may hold the invalid value, number 0, which reads as empty text and which strict mode refuses. Without it nothing
 * else of the row may be changed in silence, so every column must have the source's type and no NULL may become a default.
 */
function needsLenientMode(plan: RoutePlan, row: Row): boolean {
  if (!plan.columns.some((column, index) => column.source.dataType === "enum" && row[index]?.length === 0))
    return false;
  return plan.columns.every((column, index) => plan.sameTypes && !isForbiddenNull(column, row[index]));
}

function isForbiddenNull({ target }: PlannedColumn, bytes: Row[number] | undefined): boolean {
  return !target.nullable && (bytes === null || bytes === undefined);
}
