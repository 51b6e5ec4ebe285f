/**
 * What TABLE events say beside the texts: Aurora and MariaDB log a WRITE for each table that a statement opened to write,
 * before the statement's own record and with its ids. It is no news of rows (SELECT .. FOR UPDATE has one, too, and so have
 * the children of foreign keys), but a table that the text cannot have meant was written by something unknown.
 */
import type { AuditRecord } from "../log/record";
import type { TableName } from "../source/definition";
import type { TableIndex } from "../touch/tableIndex";

/** Statements whose own record is awaited. It follows at once; where it does not, it is in another batch. */
const mostWaiting = 1_000;

export class WrittenTables {
  readonly #tables: TableIndex;
  readonly #waiting = new Map<string, TableName[]>();

  constructor(tables: TableIndex) {
    this.#tables = tables;
  }

  note(record: AuditRecord): void {
    for (const { definition } of this.#tables.find(record.database, record.object)) {
      const statement = statementOf(record);
      const written = this.#waiting.get(statement);
      if (written !== undefined) written.push(definition.name);
      else {
        if (this.#waiting.size >= mostWaiting) this.#waiting.clear();
        this.#waiting.set(statement, [definition.name]);
      }
    }
  }

  /** Synchronised tables that the statement of a QUERY record opened to write. */
  take(record: AuditRecord): readonly TableName[] {
    if (this.#waiting.size === 0) return [];
    const statement = statementOf(record);
    const written = this.#waiting.get(statement);
    if (written === undefined) return [];
    this.#waiting.delete(statement);
    return written;
  }
}

function statementOf({ connectionId, queryId }: AuditRecord): string {
  return `${connectionId} ${queryId}`;
}
