import { ClientStatements } from "./clientStatements";
import { type AuditLine, type Dialect, type IdleConnections, type LogLine, toLogLine } from "./dialect";

const instance = "local-source";

/**
 * RDS for MySQL: two more fields after a query, the connection's type after a connection's event, no table events, and
 * of a routine or a trigger only the statement that the client sent.
 */
export class RdsMysqlDialect implements Dialect {
  readonly logGroup = `/aws/rds/instance/${instance}/audit`;
  readonly unordered = false;
  readonly #statements = new ClientStatements<LogLine>();

  get held(): number {
    return this.#statements.undecided;
  }

  accept(lines: readonly AuditLine[], idle: IdleConnections): readonly LogLine[] {
    this.#statements.nextRound();
    const ready = lines.flatMap((line) => this.#take(line));
    return [...ready, ...this.#statements.afterIdle(idle)];
  }

  #take(line: AuditLine): readonly LogLine[] {
    const { parsed } = line;
    if (parsed === undefined) return [toLogLine(line, line.raw, instance)];
    switch (parsed.tail.kind) {
      case "table":
        return [];
      case "connection": {
        const type = parsed.host === "localhost" ? "SOCKET" : "TCP/IP";
        const event = toLogLine(line, `${line.raw},${type}`, instance);
        return parsed.operation === "DISCONNECT" ? [...this.#statements.afterEnd(parsed.connectionId), event] : [event];
      }
      case "query":
        this.#statements.add(parsed, toLogLine(line, `${line.raw},,`, instance));
        return [];
    }
  }
}
