import { type IdleConnections } from "./dialect";
import { type PluginLine } from "./pluginLine";

/**
 * Tells statements that a client sent from those that a trigger or a routine ran inside them.
 *
 * MariaDB writes an inner statement before its outer one, and gives out query ids when statements begin: on one
 * connection, a statement is an inner one exactly when a statement with a smaller id is logged after it. So a statement
 * is undecided until its connection is idle or has ended.
 */
export class ClientStatements<Item> {
  readonly #undecided = new Map<string, { readonly id: bigint; readonly item: Item; readonly round: number }[]>();
  #count = 0;
  #round = 0;

  get undecided(): number {
    return this.#count;
  }

  /** To be called before the lines of a round are added. */
  nextRound(): void {
    this.#round += 1;
  }

  add(line: PluginLine, item: Item): void {
    const stack = this.#undecided.get(line.connectionId) ?? [];
    while ((stack.at(-1)?.id ?? line.queryId) > line.queryId) {
      stack.pop();
      this.#count -= 1;
    }
    stack.push({ id: line.queryId, item, round: this.#round });
    this.#count += 1;
    this.#undecided.set(line.connectionId, stack);
  }

  /** What is left of a connection that has ended was sent by its client. */
  afterEnd(connectionId: string): readonly Item[] {
    return this.#decide(connectionId, this.#round);
  }

  /**
   * The same for connections that were idle before the lines of this round were read. Only what came with earlier rounds:
   * a connection may have become busy since.
   */
  afterIdle(idle: IdleConnections): readonly Item[] {
    return [...this.#undecided.keys()]
      .filter((connectionId) => idle.has(connectionId))
      .flatMap((connectionId) => this.#decide(connectionId, this.#round - 1));
  }

  #decide(connectionId: string, lastRound: number): readonly Item[] {
    const stack = this.#undecided.get(connectionId) ?? [];
    const end = stack.findIndex(({ round }) => round > lastRound);
    const decided = stack.splice(0, end < 0 ? stack.length : end);
    if (stack.length === 0) this.#undecided.delete(connectionId);
    this.#count -= decided.length;
    return decided.map(({ item }) => item);
  }
}
