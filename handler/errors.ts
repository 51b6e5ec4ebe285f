/**
 * What can go wrong, and what follows from it. `transient`: the event source mapping retries. `poison`: this row, touch
 * or record is set aside in `dead` and the rest goes on. `misconfiguration`: the route (or the function) stops with a
 * message that says what to mend, and goes on by itself afterwards. No message holds values, literals or credentials.
 */
export type ErrorKind = "transient" | "poison" | "misconfiguration";

/** Stable codes; each says what an operator does next. */
export const errorCodes = {
  /** The function's environment or bundled configuration is unusable. Deploy again with the named value mended. */
  CONFIGURATION_INVALID: "misconfiguration",
  /** The database user may not do what the sync needs. Run the SQL of the stack output `databaseUsers`. */
  GRANT_MISSING: "misconfiguration",
  /** A routed table or column is missing or has an unusable definition. Mend the target's schema or the route. */
  SCHEMA_MISMATCH: "misconfiguration",
  /** A server cannot open a table: damaged, without its file, or a MERGE table whose parts differ. Repair it there. */
  TABLE_UNREADABLE: "misconfiguration",
  /** The source endpoint is a reader or read only; wait for the failover to end, or name the writer endpoint. */
  SOURCE_NOT_WRITER: "transient",
  /** A database did not answer, cut the connection, or is failing over. Retried. */
  DATABASE_UNAVAILABLE: "transient",
  /** The database's certificate is not of the authorities that the connection trusts. Retried, in case it is mended. */
  CERTIFICATE_REFUSED: "transient",
  /** A lock wait or deadlock at a database. Retried. */
  LOCK_CONFLICT: "transient",
  /** The view of open transactions stays stale because something polls it all the time. Retried. */
  TRANSACTIONS_UNREADABLE: "transient",
  /** The target refuses a row. Set aside in `dead`; mend the row or the target's constraint, then redrive. */
  ROW_REFUSED: "poison",
  /** A stream record or audit line cannot be read. Set aside in `dead` with its bytes. */
  RECORD_MALFORMED: "poison",
  /** A server error that is in no table of this project: retried, then the route that always meets it stops alone. */
  UNEXPECTED: "transient",
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof errorCodes;

/** What somebody does next, told with every error. */
const advice: Readonly<Record<ErrorCode, string>> = {
  CONFIGURATION_INVALID: "mend the configuration that the message names, and deploy again",
  GRANT_MISSING:
    "let the database's owner run the SQL of the stack output databaseUsers, and see that the user logs in as configured (IAM token or secret)",
  SCHEMA_MISMATCH: "mend the table's definition or the route; the route begins again by itself",
  TABLE_UNREADABLE: "repair the table at that database; the route begins again by itself",
  SOURCE_NOT_WRITER: "it is tried again; if it lasts, name the writer's endpoint",
  DATABASE_UNAVAILABLE:
    "it is tried again; if it lasts, see that the database is up and that its security group lets the stack output functionsSecurityGroup in",
  CERTIFICATE_REFUSED:
    "say in the database's tls setting whose authorities signed its certificate (rds or system), or give it a certificate of one of them",
  LOCK_CONFLICT: "it is tried again; if it lasts, look for a transaction at the target that keeps rows locked",
  TRANSACTIONS_UNREADABLE:
    "it is tried again; if it lasts, look for what reads information_schema.INNODB_TRX all the time",
  ROW_REFUSED: "mend the row at the source or the constraint at the target, and try the dead letter again",
  RECORD_MALFORMED: "look at the dead letter; the tables that it may speak of have been compared",
  UNEXPECTED: "it is tried again; look the error's number up, and report it when it lasts",
};

export function adviceFor(code: ErrorCode): string {
  return advice[code];
}

export class SyncError extends Error {
  override readonly name = "SyncError";
  readonly code: ErrorCode;
  readonly kind: ErrorKind;
  /** The database server's error number, when it was one. */
  readonly errno: number | undefined;

  constructor(code: ErrorCode, message: string, errno?: number) {
    super(message);
    this.code = code;
    this.kind = errorCodes[code];
    this.errno = errno;
  }
}

export function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(`a ${typeof thrown} was thrown`);
}

/**
 * MySQL and MariaDB error numbers → code. Numbers as in mysqld_error.h; what is not listed is UNEXPECTED.
 * https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html
 */
const serverErrors: Readonly<Record<number, ErrorCode>> = {
  1020: "LOCK_CONFLICT", // ER_CHECKREAD: record has changed since last read (MariaDB innodb_snapshot_isolation)
  1205: "LOCK_CONFLICT", // ER_LOCK_WAIT_TIMEOUT
  1213: "LOCK_CONFLICT", // ER_LOCK_DEADLOCK
  3572: "LOCK_CONFLICT", // ER_LOCK_NOWAIT
  1040: "DATABASE_UNAVAILABLE", // ER_CON_COUNT_ERROR: too many connections
  1042: "DATABASE_UNAVAILABLE", // ER_BAD_HOST_ERROR
  1053: "DATABASE_UNAVAILABLE", // ER_SERVER_SHUTDOWN
  1077: "DATABASE_UNAVAILABLE", // ER_NORMAL_SHUTDOWN
  1152: "DATABASE_UNAVAILABLE", // ER_ABORTING_CONNECTION
  1158: "DATABASE_UNAVAILABLE", // ER_NET_READ_ERROR
  1159: "DATABASE_UNAVAILABLE", // ER_NET_READ_INTERRUPTED
  1160: "DATABASE_UNAVAILABLE", // ER_NET_ERROR_ON_WRITE
  1161: "DATABASE_UNAVAILABLE", // ER_NET_WRITE_INTERRUPTED
  1203: "DATABASE_UNAVAILABLE", // ER_TOO_MANY_USER_CONNECTIONS
  1226: "DATABASE_UNAVAILABLE", // ER_USER_LIMIT_REACHED
  1290: "DATABASE_UNAVAILABLE", // ER_OPTION_PREVENTS_STATEMENT: read only during a failover
  1317: "DATABASE_UNAVAILABLE", // ER_QUERY_INTERRUPTED
  1836: "DATABASE_UNAVAILABLE", // ER_READ_ONLY_MODE
  1927: "DATABASE_UNAVAILABLE", // ER_CONNECTION_KILLED (MariaDB)
  3169: "DATABASE_UNAVAILABLE", // ER_SESSION_WAS_KILLED
  4031: "DATABASE_UNAVAILABLE", // ER_CLIENT_INTERACTION_TIMEOUT
  1015: "DATABASE_UNAVAILABLE", // ER_CANT_LOCK
  1021: "DATABASE_UNAVAILABLE", // ER_DISK_FULL: needs room, then goes on by itself
  1114: "DATABASE_UNAVAILABLE", // ER_RECORD_FILE_FULL: likewise
  1412: "LOCK_CONFLICT", // ER_TABLE_DEF_CHANGED: the definition changed under a snapshot; read it again
  1044: "GRANT_MISSING", // ER_DBACCESS_DENIED_ERROR
  1045: "GRANT_MISSING", // ER_ACCESS_DENIED_ERROR
  1142: "GRANT_MISSING", // ER_TABLEACCESS_DENIED_ERROR
  1143: "GRANT_MISSING", // ER_COLUMNACCESS_DENIED_ERROR
  1227: "GRANT_MISSING", // ER_SPECIFIC_ACCESS_DENIED_ERROR
  1370: "GRANT_MISSING", // ER_PROCACCESS_DENIED_ERROR
  1698: "GRANT_MISSING", // ER_ACCESS_DENIED_NO_PASSWORD_ERROR
  1049: "SCHEMA_MISMATCH", // ER_BAD_DB_ERROR
  1054: "SCHEMA_MISMATCH", // ER_BAD_FIELD_ERROR
  1146: "SCHEMA_MISMATCH", // ER_NO_SUCH_TABLE
  1347: "SCHEMA_MISMATCH", // ER_WRONG_OBJECT: not a base table
  1356: "SCHEMA_MISMATCH", // ER_VIEW_INVALID
  1364: "SCHEMA_MISMATCH", // ER_NO_DEFAULT_FOR_FIELD: a target column that the route does not fill
  1016: "TABLE_UNREADABLE", // ER_CANT_OPEN_FILE
  1017: "TABLE_UNREADABLE", // ER_FILE_NOT_FOUND
  1033: "TABLE_UNREADABLE", // ER_NOT_FORM_FILE
  1034: "TABLE_UNREADABLE", // ER_NOT_KEYFILE
  1035: "TABLE_UNREADABLE", // ER_OLD_KEYFILE
  1036: "TABLE_UNREADABLE", // ER_OPEN_AS_READONLY
  1168: "TABLE_UNREADABLE", // ER_WRONG_MRG_TABLE
  1194: "TABLE_UNREADABLE", // ER_CRASHED_ON_USAGE
  1195: "TABLE_UNREADABLE", // ER_CRASHED_ON_REPAIR
  1286: "TABLE_UNREADABLE", // ER_UNKNOWN_STORAGE_ENGINE
  1472: "TABLE_UNREADABLE", // ER_ADMIN_WRONG_MRG_TABLE
  1712: "TABLE_UNREADABLE", // ER_INDEX_CORRUPT
  1812: "TABLE_UNREADABLE", // ER_TABLESPACE_MISSING
  1814: "TABLE_UNREADABLE", // ER_TABLESPACE_DISCARDED
  1877: "TABLE_UNREADABLE", // ER_TABLE_CORRUPT
  1932: "TABLE_UNREADABLE", // ER_NO_SUCH_TABLE_IN_ENGINE (MariaDB)
  1022: "ROW_REFUSED", // ER_DUP_KEY
  1048: "ROW_REFUSED", // ER_BAD_NULL_ERROR
  1062: "ROW_REFUSED", // ER_DUP_ENTRY
  1118: "ROW_REFUSED", // ER_TOO_BIG_ROWSIZE
  1153: "ROW_REFUSED", // ER_NET_PACKET_TOO_LARGE: raise max_allowed_packet at the target
  1169: "ROW_REFUSED", // ER_DUP_UNIQUE
  1216: "ROW_REFUSED", // ER_NO_REFERENCED_ROW
  1217: "ROW_REFUSED", // ER_ROW_IS_REFERENCED
  1264: "ROW_REFUSED", // ER_WARN_DATA_OUT_OF_RANGE
  1265: "ROW_REFUSED", // WARN_DATA_TRUNCATED
  1292: "ROW_REFUSED", // ER_TRUNCATED_WRONG_VALUE
  1366: "ROW_REFUSED", // ER_TRUNCATED_WRONG_VALUE_FOR_FIELD
  1367: "ROW_REFUSED", // ER_ILLEGAL_VALUE_FOR_TYPE
  1406: "ROW_REFUSED", // ER_DATA_TOO_LONG
  1416: "ROW_REFUSED", // ER_CANT_CREATE_GEOMETRY_OBJECT
  1451: "ROW_REFUSED", // ER_ROW_IS_REFERENCED_2
  1452: "ROW_REFUSED", // ER_NO_REFERENCED_ROW_2
  1526: "ROW_REFUSED", // ER_NO_PARTITION_FOR_GIVEN_VALUE
  1644: "ROW_REFUSED", // ER_SIGNAL_EXCEPTION: a trigger of the target said no
  1690: "ROW_REFUSED", // ER_DATA_OUT_OF_RANGE
  3140: "ROW_REFUSED", // ER_INVALID_JSON_TEXT
  3819: "ROW_REFUSED", // ER_CHECK_CONSTRAINT_VIOLATED
  4025: "ROW_REFUSED", // ER_CONSTRAINT_FAILED (MariaDB)
};

/** Errors of the connection itself, which have no server error number. */
const connectionErrors = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ECONNABORTED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EPIPE",
  "ETIMEDOUT",
  "PROTOCOL_CONNECTION_LOST",
  "PROTOCOL_SEQUENCE_TIMEOUT",
]);

/** As OpenSSL and Node word it. A handshake can also fail because the server is going away. */
const refusedCertificate = /certificate|altnames/iu;

/**
 * A database error in this project's terms. The server's message is left out: it can quote row values
 * (`Duplicate entry '...'`), the number and its symbol say enough.
 */
export function databaseError(thrown: unknown, doing: string): SyncError {
  if (thrown instanceof SyncError) return thrown;
  const error = toError(thrown) as Error & { errno?: unknown; code?: unknown; fatal?: unknown };
  const symbol = typeof error.code === "string" ? error.code : error.name;
  const errno = typeof error.errno === "number" && error.errno > 0 ? error.errno : undefined;
  const message = `${doing}: ${symbol}${errno === undefined ? "" : ` (${errno})`}`;
  if (symbol === "HANDSHAKE_SSL_ERROR" && refusedCertificate.test(error.message)) {
    // What TLS says about a certificate: it holds nothing of the data.
    return new SyncError("CERTIFICATE_REFUSED", `${message}: ${error.message.split(";")[0] ?? ""}`);
  }
  if (error.fatal === true && errno !== 1153) return new SyncError("DATABASE_UNAVAILABLE", message, errno);
  const known = errno === undefined ? undefined : serverErrors[errno];
  if (known !== undefined) return new SyncError(known, message, errno);
  return new SyncError(connectionErrors.has(symbol) ? "DATABASE_UNAVAILABLE" : "UNEXPECTED", message, errno);
}
