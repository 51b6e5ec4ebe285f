/**
 * The environment variables of the sync function. `infra/` sets them, `handler/` and `local/` use them; a test asserts
 * that what the infrastructure sets is what the handler reads.
 */

/** Name of the file beside the bundled `index.js` that holds the target's {@link BundledConfig} as JSON. */
export const configFileName = "config.json";

/** What reaches the function inside its bundle, because it changes with the routes and never with a deployment. */
export interface BundledConfig {
  /** Stack name, e.g. `dev`; the `environment` dimension of every metric. */
  readonly environment: string;
  /** The target as in the stack file: `{ name, routes }`, still to be checked with `parseTargets`. */
  readonly target: unknown;
}

/**
 * How one database is reached; `SOURCE_`, `TARGET_` or `HEARTBEAT_` stands before each name. `HEARTBEAT_` is the source
 * again, as the user without privileges whose marker statement must come back through the audit log.
 *
 * - `HOST`, `PORT`, `USER`
 * - `AUTH`: `iam` (an RDS authentication token as `USER`), `secret` (`SECRET_ARN` names a Secrets Manager secret with
 *   `username` and `password` as JSON, as RDS writes it) or `password` (`PASSWORD` in clear text: one machine only)
 * - `TLS`: `rds` (verify against the RDS certificate authorities), `system` (verify against Node's), `off` (loopback)
 */
export const connectionVariables = ["HOST", "PORT", "USER", "AUTH", "SECRET_ARN", "PASSWORD", "TLS"] as const;
export type ConnectionVariable = (typeof connectionVariables)[number];
export type DatabaseRole = "SOURCE" | "TARGET" | "HEARTBEAT";

export function variableName(role: DatabaseRole, variable: ConnectionVariable): string {
  return `${role}_${variable}`;
}

/** Comma-separated users whose statements are not followed (the sync users, `rdsadmin`). */
export const excludedUsersVariable = "EXCLUDED_USERS";

/** Name of the schema at the target that holds the sync's own state. Default: `audit_sync`. */
export const stateDatabaseVariable = "STATE_DATABASE";
export const defaultStateDatabase = "audit_sync";

/**
 * Seconds without an older log event after which a verification counts the records in flight as applied: the function's
 * timeout, so that no invocation which began earlier still runs. Default: 120.
 */
export const verifySettleVariable = "VERIFY_SETTLE_SECONDS";

/** `true`: rows that a verification finds to differ are repaired without being asked. Default: `false`. */
export const repairDriftVariable = "REPAIR_DRIFT";

/** Seconds after which an open transaction of the source is named in the log. Default: 3600. */
export const pendingWarningVariable = "PENDING_WARNING_SECONDS";

/** Default name of the sync's user at the source and at the targets. */
export const defaultSyncUser = "audit_sync";

/** Default name of the user whose statements are the heartbeat: it has no privileges and is not excluded from the log. */
export const defaultHeartbeatUser = "audit_sync_heartbeat";
