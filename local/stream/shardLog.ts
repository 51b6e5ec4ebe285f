import { EventEmitter, once } from "node:events";
import { pause } from "../pause";
import { type Stream, type StreamRecord } from "./kinesis";

const pauseMs = 150;

/** What has been read of one shard, for all consumers: each keeps its own place, the stream is asked only once. */
export class ShardLog {
  readonly shardId: string;
  readonly #records: StreamRecord[] = [];
  readonly #events = new EventEmitter().setMaxListeners(0);
  #forgotten = 0;

  constructor(shardId: string) {
    this.shardId = shardId;
  }

  /** Records from a place on, at most `limit`. Places count all records of the shard from 0. */
  slice(from: number, limit: number): readonly StreamRecord[] {
    const start = from - this.#forgotten;
    return this.#records.slice(start, start + limit);
  }

  /** Settles when there are at least `length` records in all, or with false when `stop` is aborted before. */
  async reaches(length: number, stop: AbortSignal): Promise<boolean> {
    try {
      while (this.#forgotten + this.#records.length < length) await once(this.#events, "arrival", { signal: stop });
      // A record that is there already must not keep a consumer going that was told to stop.
      return !stop.aborted;
    } catch (error) {
      if (!stop.aborted) throw error;
      return false;
    }
  }

  append(records: readonly StreamRecord[]): void {
    this.#records.push(...records);
    this.#events.emit("arrival");
  }

  /** Lets go of records before a place, as no consumer needs them any more. */
  forget(before: number): void {
    this.#records.splice(0, before - this.#forgotten);
    this.#forgotten = before;
  }
}

/** Reads a shard into its log until it is told to stop. */
export async function followShard(stream: Stream, log: ShardLog, stop: AbortSignal): Promise<void> {
  let iterator = await stream.firstIterator(log.shardId);
  while (!stop.aborted) {
    const { records, next } = await stream.read(log.shardId, iterator);
    iterator = next;
    if (records.length > 0) log.append(records);
    else await pause(pauseMs, stop);
  }
}
