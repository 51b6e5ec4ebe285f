import { type AuditRecord, type Dialect } from "../../handler/log/record";

/** What a statement may have changed, as plain JSON. */
export type DescribeTouches = (record: AuditRecord) => readonly unknown[];

/** The output of `decode`, in this order of keys. What the record does not have is null. */
export interface RecordDescription {
  /** ISO 8601, the record's own time read as UTC. */
  readonly time: string | null;
  readonly serverHost: string | null;
  readonly user: string | null;
  readonly host: string | null;
  readonly connectionId: string;
  readonly queryId: string;
  readonly operation: string;
  readonly database: string | null;
  readonly object: string | null;
  readonly retcode: number | null;
  readonly dialect: Dialect;
  readonly truncated: boolean;
  readonly touches: readonly unknown[];
}

export function describeRecord(record: AuditRecord, describeTouches: DescribeTouches): RecordDescription {
  const { timeMs, operation, object } = record;
  return {
    time: timeMs === undefined ? null : new Date(timeMs).toISOString(),
    serverHost: orNull(record.serverHost),
    user: orNull(record.user),
    host: orNull(record.host),
    connectionId: record.connectionId,
    queryId: record.queryId,
    operation,
    database: orNull(record.database),
    // A text stands in quotes, so an empty one is there.
    object: operation === "QUERY" ? object : orNull(object),
    retcode: record.retcode ?? null,
    dialect: record.dialect,
    truncated: record.truncated,
    touches: describeTouches(record),
  };
}

/** A field that is not there is empty in the log. */
function orNull(field: string): string | null {
  return field === "" ? null : field;
}
