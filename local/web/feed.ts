import { type ServerResponse } from "node:http";

export type FeedMessage = {
  readonly event: "hello" | "phase" | "pulse" | "journey";
  readonly id: string;
  readonly data: unknown;
};

const keptPulses = 150;
const keptJourneys = 40;

/** Server-sent events: every page that is open sees the same, and one that comes later sees what is still of interest. */
export class Feed {
  readonly #readers = new Set<ServerResponse>();
  /** The latest of each event and id, in the order in which they first came. */
  readonly #kept = new Map<string, FeedMessage>();

  send(message: FeedMessage): void {
    this.#kept.set(`${message.event} ${message.id}`, message);
    this.#forget("pulse", keptPulses);
    this.#forget("journey", keptJourneys);
    for (const reader of this.#readers) reader.write(toText(message));
  }

  open(response: ServerResponse): void {
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    for (const message of this.#kept.values()) response.write(toText(message));
    this.#readers.add(response);
    response.on("close", () => this.#readers.delete(response));
  }

  close(): void {
    for (const reader of this.#readers) reader.end();
  }

  #forget(event: FeedMessage["event"], limit: number): void {
    const own = [...this.#kept.keys()].filter((key) => key.startsWith(`${event} `));
    for (const key of own.slice(0, Math.max(0, own.length - limit))) this.#kept.delete(key);
  }
}

/** JSON has no line breaks, which would end the field. */
function toText({ event, data }: FeedMessage): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
