import { kinesisEvent } from "../function/kinesisEvent";
import { type SyncFunction } from "../function/syncFunction";
import { pause } from "../pause";
import { type Stream, type StreamRecord } from "../stream/kinesis";
import { type ShardLog } from "../stream/shardLog";
import { afterInvocation, backoffMs, type Batch, fittingRecords, type Outcome } from "./batches";

/** As an event source mapping is configured; smaller windows than on AWS, as nobody pays for invocations here. */
const batchSize = 100;
const batchingWindowMs = 100;
const maximumRetries = 200;

/** What a consumer reports while it works. */
export interface ConsumerEvents {
  /** A batch, or what is left of it, is invoked again. */
  retried(): void;
  /** Records that were given up after too many retries; on AWS they are in the failure destination. */
  gaveUp(records: readonly StreamRecord[]): void;
}

/** Brings one shard to one function, in order, and never lets a record go that was not acknowledged. */
export class ShardConsumer {
  readonly shardId: string;
  readonly #log: ShardLog;
  readonly #function: SyncFunction;
  readonly #stream: Stream;
  readonly #events: ConsumerEvents;
  #acknowledged = 0;

  constructor(log: ShardLog, syncFunction: SyncFunction, stream: Stream, events: ConsumerEvents) {
    this.shardId = log.shardId;
    this.#log = log;
    this.#function = syncFunction;
    this.#stream = stream;
    this.#events = events;
  }

  /** How many of the shard's first records are done with. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  async run(stop: AbortSignal): Promise<void> {
    while (await this.#log.reaches(this.#acknowledged + 1, stop)) {
      if (this.#log.slice(this.#acknowledged, batchSize).length < batchSize) await pause(batchingWindowMs, stop);
      const waiting = this.#log.slice(this.#acknowledged, batchSize);
      await this.#work({ records: waiting.slice(0, fittingRecords(waiting, batchSize)), failures: 0 }, stop);
    }
  }

  async #work(first: Batch<StreamRecord>, stop: AbortSignal): Promise<void> {
    const work = [first];
    for (let batch = work.shift(); batch !== undefined; batch = work.shift()) {
      await pause(backoffMs(batch.failures), stop);
      if (stop.aborted) return;
      const decision = afterInvocation(batch, await this.#invoke(batch.records), maximumRetries);
      if (decision.next.length > 0) this.#events.retried();
      this.#acknowledged += decision.acknowledged + decision.givenUp.length;
      if (decision.givenUp.length > 0) this.#events.gaveUp(decision.givenUp);
      work.unshift(...decision.next);
    }
  }

  async #invoke(records: readonly StreamRecord[]): Promise<Outcome> {
    try {
      const response = await this.#function.invoke(kinesisEvent(records, this.#stream));
      return { kind: "returned", response };
    } catch {
      // The function counts it and its log has the reason.
      return { kind: "failed" };
    }
  }
}
