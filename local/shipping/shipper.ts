import { type Delivery } from "../chaos/deliveryChaos";
import { pause } from "../pause";
import { type Random } from "../random";
import { type Stream } from "../stream/kinesis";
import { type AuditTail } from "./auditTail";
import { type AuditLine, type Dialect, type IdleConnections, type LogLine } from "./dialect";
import { compress, controlEnvelope, type Envelope, EventIds, makeEnvelopes } from "./envelope";
import { parsePluginLine } from "./pluginLine";
import { type StatementCounter } from "./statementCounter";

const pauseMs = 60;

export interface ShipperParts {
  readonly tail: AuditTail;
  readonly dialect: Dialect;
  readonly delivery: Delivery;
  readonly stream: Pick<Stream, "put">;
  /** Decides which log stream overtakes which, in a dialect where they do. */
  readonly random: Random;
  /** Connections of the source that wait for their client at this moment. */
  readonly idleConnections: () => Promise<IdleConnections>;
  readonly statements: StatementCounter;
}

/** An envelope that is in the stream. */
export interface ShippedEnvelope {
  readonly envelope: Envelope;
  readonly gzipBytes: number;
  readonly shardId: string;
}

/** What CloudWatch Logs does: takes the audit log's lines as they are written and puts them into the stream. */
export class Shipper {
  readonly #parts: ShipperParts;
  readonly #ids = new EventIds();
  readonly #shipped = new Map<string, number>();
  /** Hears of every envelope, once it is in the stream. */
  onShipped: ((envelopes: readonly ShippedEnvelope[]) => void) | undefined;
  #records = 0;
  #caughtUp: (() => void) | undefined;

  constructor(parts: ShipperParts) {
    this.#parts = parts;
  }

  /** Audit records that were shipped, each counted once. */
  get records(): number {
    return this.#records;
  }

  /** How many stream records went into each shard. */
  get shipped(): ReadonlyMap<string, number> {
    return this.#shipped;
  }

  async run(stop: AbortSignal): Promise<void> {
    await this.#put([compress(controlEnvelope(Date.now()))]);
    while (!stop.aborted) {
      const waiting = this.#caughtUp;
      const atEnd = await this.#cycle();
      if (atEnd && waiting !== undefined && this.#parts.dialect.held === 0) {
        await this.#ship(this.#parts.delivery.release());
        this.#caughtUp = undefined;
        waiting();
      }
      if (atEnd) await pause(pauseMs, stop);
    }
  }

  /** Settles when everything that is in the log now has been shipped, delayed lines included. Needs {@link run}. */
  async catchUp(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#caughtUp = resolve;
    });
  }

  /** Ships what the log has; true when that was all of it. */
  async #cycle(): Promise<boolean> {
    const { tail, dialect, delivery, statements } = this.#parts;
    const idle = await this.#parts.idleConnections();
    const read = tail.read();
    const seenMs = Date.now();
    const lines = (read ?? []).map((raw): AuditLine => ({ raw, parsed: parsePluginLine(raw), seenMs }));
    statements.add(lines, idle);
    const accepted = dialect.accept(lines, idle);
    this.#records += accepted.length;
    await this.#ship(delivery.pass(accepted, seenMs));
    return read === undefined;
  }

  async #ship(lines: readonly LogLine[]): Promise<void> {
    const { dialect, random } = this.#parts;
    const made = makeEnvelopes(dialect.logGroup, lines, this.#ids);
    const envelopes = dialect.unordered ? random.shuffled(made) : made;
    const records = envelopes.map(compress);
    const shards = await this.#put(records);
    this.onShipped?.(
      envelopes.map((envelope, index) => ({
        envelope,
        gzipBytes: records[index]?.length ?? 0,
        shardId: shards[index] ?? "",
      })),
    );
  }

  async #put(records: readonly Buffer[]): Promise<readonly string[]> {
    const shards = await this.#parts.stream.put(records);
    for (const shard of shards) this.#shipped.set(shard, (this.#shipped.get(shard) ?? 0) + 1);
    return shards;
  }
}
