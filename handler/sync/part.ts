/** What some of an event's records came to, gathered until reading on is not worth the memory any more. */
import type { Touch } from "../touch/touch";
import { GatheredTouches } from "./gatheredTouches";

/** Something that could not be read, to be set aside with its bytes. */
export interface Unreadable {
  readonly kind: "record" | "line";
  readonly reason: string;
  readonly payload: Buffer;
  readonly sequenceNumber: string | undefined;
}

export interface Part {
  /** By connection id; `undefined`: the connection is not known. Each row that is named by its key is there once. */
  readonly touches: ReadonlyMap<string | undefined, readonly Touch[]>;
  readonly unreadable: readonly Unreadable[];
  readonly schemaChanged: boolean;
  /** Milliseconds since the epoch at which the log got each statement that touched something. */
  readonly times: readonly number[];
}

/** Touches that are worth a refresh of their own while the next ones are read. */
const touchesOfPart = 4_000;
/** How much of them must be new: many touches of few rows are one refresh of each, so such a part goes on. */
const newAtLeast = 0.75;
/** The same of an INSERT's generated keys: their refresh finds the rows of all that follow. */
const tailsOfPart = 256;
/** The most that a part holds, as the length of what statements and unreadable lines say: several times that in memory. */
const partLength = 4_000_000;

/** A part as it is read. */
export class OpenPart {
  readonly #touches = new Map<string | undefined, GatheredTouches>();
  readonly #unreadable: Unreadable[] = [];
  readonly times: number[] = [];
  schemaChanged = false;
  #touched = 0;
  #new = 0;
  #tails = 0;
  #length = 0;

  add(connectionId: string | undefined, touches: readonly Touch[], length: number): void {
    let gathered = this.#touches.get(connectionId);
    if (gathered === undefined) this.#touches.set(connectionId, (gathered = new GatheredTouches()));
    for (const touch of touches) {
      const added = gathered.add(touch);
      if (touch.kind === "tail") this.#tails += 1;
      else this.#touched += touch.kind === "keys" ? touch.keys.length : 1;
      this.#new += added;
      // A key is as long as a line's head, however short it is written.
      if (added > 0) this.#length += length + 100;
    }
  }

  setAside(unreadable: Unreadable): void {
    this.#unreadable.push(unreadable);
    this.#length += unreadable.payload.length;
  }

  /** No more may be held. */
  get isFull(): boolean {
    return this.#length >= partLength;
  }

  /** There is enough to do, and reading on would hardly save any of it. */
  get isWorthwhile(): boolean {
    if (this.#tails >= tailsOfPart) return true;
    return this.#touched >= touchesOfPart && this.#new >= newAtLeast * this.#touched;
  }

  end(): Part {
    return {
      touches: new Map([...this.#touches].map(([connection, gathered]) => [connection, gathered.list()])),
      unreadable: this.#unreadable,
      schemaChanged: this.schemaChanged,
      times: this.times,
    };
  }
}
