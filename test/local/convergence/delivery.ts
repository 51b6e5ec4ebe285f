import { setTimeout as delay } from "node:timers/promises";
import type { LogSource } from "../../../handler/log/event";
import type { AuditTail } from "../../../local/shipping/auditTail";
import type { Dialect, LogLine } from "../../../local/shipping/dialect";
import { compress, EventIds, makeEnvelopes } from "../../../local/shipping/envelope";
import { parsePluginLine } from "../../../local/shipping/pluginLine";
import type { Random } from "../../../local/random";

const longestDelayMs = 400;

/** Reads the audit log and hands its records out twice, late and in another order; none is lost. */
export class Delivery {
  readonly #tail: AuditTail;
  readonly #dialect: Dialect;
  readonly #random: Random;
  readonly #idle: () => Promise<{ has(connectionId: string): boolean }>;
  readonly #ids = new EventIds();
  readonly #ready: { readonly source: LogSource; readonly dueMs: number }[] = [];
  #sequence = 0;
  #out = 0;

  constructor(
    tail: AuditTail,
    dialect: Dialect,
    random: Random,
    idle: () => Promise<{ has(connectionId: string): boolean }>,
  ) {
    this.#tail = tail;
    this.#dialect = dialect;
    this.#random = random;
    this.#idle = idle;
  }

  /** Reads on until `over` says that nothing more will be written and everything has been read. */
  async follow(over: () => boolean): Promise<void> {
    for (;;) {
      const last = over();
      const idle = await this.#idle();
      const read = this.#tail.read();
      const lines = (read ?? []).map((raw) => ({ raw, parsed: parsePluginLine(raw), seenMs: Date.now() }));
      this.#take(this.#dialect.accept(lines, idle));
      if (read !== undefined) continue;
      if (last && this.#dialect.held === 0) return;
      await delay(15);
    }
  }

  /** Some records, or none for now; give them back when they were not acknowledged. */
  next(): readonly LogSource[] {
    const nowMs = Date.now();
    const due = this.#ready.filter(({ dueMs }) => dueMs <= nowMs);
    const taken = this.#random.shuffled(due).slice(0, 1 + this.#random.below(6));
    for (const entry of taken) this.#ready.splice(this.#ready.indexOf(entry), 1);
    this.#out += taken.length;
    return taken.map(({ source }) => source);
  }

  done(sources: readonly LogSource[], acknowledged: boolean): void {
    this.#out -= sources.length;
    if (!acknowledged) for (const source of sources) this.#ready.push({ source, dueMs: 0 });
  }

  get empty(): boolean {
    return this.#ready.length === 0 && this.#out === 0;
  }

  #take(lines: readonly LogLine[]): void {
    const groups: LogLine[][] = [];
    for (const line of this.#random.shuffled(lines)) {
      const group = groups.at(-1);
      if (group === undefined || this.#random.chance(0.3)) groups.push([line]);
      else group.push(line);
      if (this.#random.chance(0.1)) groups.push([line]);
    }
    for (const group of groups) {
      for (const envelope of makeEnvelopes(this.#dialect.logGroup, group, this.#ids)) {
        this.#sequence += 1;
        const source = { sequenceNumber: String(this.#sequence), data: compress(envelope).toString("base64") };
        const late = this.#random.chance(0.3) ? this.#random.below(longestDelayMs) : 0;
        this.#ready.push({ source, dueMs: Date.now() + late });
      }
    }
  }
}
