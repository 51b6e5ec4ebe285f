import { ClientStatements } from "./clientStatements";
import { type AuditLine, type IdleConnections } from "./dialect";

/** Counts the statements that clients sent to the source, without what ran inside them. */
export class StatementCounter {
  readonly #ignoredUsers: ReadonlySet<string>;
  readonly #statements = new ClientStatements<undefined>();
  #decided = 0;

  constructor(ignoredUsers: Iterable<string>) {
    this.#ignoredUsers = new Set(ignoredUsers);
  }

  /** The last few may still turn out to be inner ones. */
  get count(): number {
    return this.#decided + this.#statements.undecided;
  }

  add(lines: readonly AuditLine[], idle: IdleConnections): void {
    this.#statements.nextRound();
    for (const { parsed } of lines) {
      if (parsed === undefined || this.#ignoredUsers.has(parsed.user)) continue;
      if (parsed.tail.kind === "query") this.#statements.add(parsed, undefined);
      if (parsed.operation === "DISCONNECT") this.#decided += this.#statements.afterEnd(parsed.connectionId).length;
    }
    this.#decided += this.#statements.afterIdle(idle).length;
  }
}
