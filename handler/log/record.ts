/** The engine families whose audit records differ in shape; read off each record, never from a label. */
export type Dialect = "aurora" | "rds-mysql" | "mariadb";

/** One line of an audit log, with the text unescaped as far as the dialect allows. Ids stay strings: they are 64 bit. */
export interface AuditRecord {
  readonly dialect: Dialect;
  /** Milliseconds since the epoch, the record's own time read as UTC; `undefined` when it has none that is understood. */
  readonly timeMs: number | undefined;
  readonly serverHost: string;
  readonly user: string;
  readonly host: string;
  readonly connectionId: string;
  readonly queryId: string;
  /** `QUERY`, `CONNECT`, `WRITE`, ... as written. */
  readonly operation: string;
  /** Default database of the statement (QUERY) or the table's database (TABLE events); may be empty. */
  readonly database: string;
  /** QUERY: the statement's text. TABLE events: the table. Else empty or as written. */
  readonly object: string;
  /** Error number of the statement, 0 for success; `undefined` when the record has none (TABLE events). */
  readonly retcode: number | undefined;
  /** The text may have been cut by the server's query log limit: nothing that would follow can be excluded. */
  readonly truncated: boolean;
}
