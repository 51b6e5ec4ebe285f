/** What the engines have to be told so that every change reaches the log and as little else as possible does. */
import type { DatabaseEngine } from "../handler/contract/databaseUsers";

/** Whose statements are in the log: everybody's but the excluded users', or the included users' alone. */
export interface AuditedUsers {
  readonly included: readonly string[];
  readonly excluded: readonly string[];
}

/**
 * QUERY whole, not its sub-classes: those miss statements that change rows (`WITH .. UPDATE` and statements behind a `--`
 * comment where the plugin looks at the first word, functions called by SELECT or SET everywhere), and the log cannot be
 * asked twice. TABLE, where the engine has it, names the tables that triggers and routines wrote behind a statement.
 */
const events: Readonly<Record<DatabaseEngine, string>> = {
  "aurora-mysql": "QUERY,TABLE",
  mysql: "QUERY",
  mariadb: "QUERY,TABLE",
};

/**
 * Bytes of a statement that RDS logs, 1,024 unless told. CloudWatch Logs takes events of 256 KB everywhere (1 MB in newer
 * agents) and what is longer would be lost whole, while a cut statement is recognised and refreshed with a wider net.
 * 240 KiB leave 16 KiB for the other fields. Aurora has no such limit to set.
 */
export const queryLogLimit = 240 * 1024;

/**
 * The plugin turns its file over at this size and keeps nine old ones. The default of 1 MB leaves the agent that uploads
 * them seconds at a busy server before a file is deleted unread; 10 files of 100 MB leave minutes, for 1 GB of storage.
 */
const fileRotateSize = 100_000_000;
const fileRotations = 9;

export interface NamedValue {
  readonly name: string;
  readonly value: string;
}

/** Cluster parameters of Aurora. All of them are dynamic: they take effect without a reboot. */
export function auroraAuditParameters(users: AuditedUsers): readonly NamedValue[] {
  return [
    { name: "server_audit_logging", value: "1" },
    { name: "server_audit_events", value: events["aurora-mysql"] },
    users.included.length > 0
      ? { name: "server_audit_incl_users", value: users.included.join(",") }
      : { name: "server_audit_excl_users", value: users.excluded.join(",") },
  ];
}

/** Settings of the option MARIADB_AUDIT_PLUGIN of RDS. The lists of users exclude each other. */
export function auditOptionSettings(engine: "mysql" | "mariadb", users: AuditedUsers): readonly NamedValue[] {
  return [
    { name: "SERVER_AUDIT_EVENTS", value: events[engine] },
    users.included.length > 0
      ? { name: "SERVER_AUDIT_INCL_USERS", value: users.included.join(",") }
      : { name: "SERVER_AUDIT_EXCL_USERS", value: users.excluded.join(",") },
    { name: "SERVER_AUDIT_QUERY_LOG_LIMIT", value: String(queryLogLimit) },
    { name: "SERVER_AUDIT_FILE_ROTATE_SIZE", value: String(fileRotateSize) },
    { name: "SERVER_AUDIT_FILE_ROTATIONS", value: String(fileRotations) },
  ];
}

/** RDS itself chooses this name when it exports the log. */
export function auditLogGroupName(engine: DatabaseEngine, identifier: string): string {
  return engine === "aurora-mysql" ? `/aws/rds/cluster/${identifier}/audit` : `/aws/rds/instance/${identifier}/audit`;
}

/** `8.0.mysql_aurora.3.10.3` → `8.0`; `8.4.5` → `8.4`. */
export function majorVersion(version: string): string {
  return version.split(".").slice(0, 2).join(".");
}
