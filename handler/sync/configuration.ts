import * as v from "valibot";
import {
  defaultStateDatabase,
  excludedUsersVariable,
  pendingWarningVariable,
  repairDriftVariable,
  stateDatabaseVariable,
  verifySettleVariable,
  type BundledConfig,
} from "../contract/environment";
import { parseTargets, RoutesError } from "../contract/routes";
import { SyncError } from "../errors";
import { connectionOptions, isConfigured } from "../sql/credentials";
import { openDatabases } from "../sql/sessions";
import type { WorkerOptions } from "./worker";

export interface Configuration {
  readonly environment: string;
  readonly targetName: string;
  readonly worker: WorkerOptions;
  /** Seconds after which an open transaction of the source is named in the log. */
  readonly pendingWarningSeconds: number;
  /** How to reach the source as the heartbeat's user; `undefined`: there is no heartbeat. */
  readonly heartbeat: ReturnType<typeof connectionOptions> | undefined;
}

const bundledSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ environment: v.string(), target: v.unknown() }),
) satisfies v.GenericSchema<string, BundledConfig>;

/**
 * Reads the bundled configuration and the environment.
 *
 * @throws {SyncError} CONFIGURATION_INVALID naming what is wrong.
 */
export function readConfiguration(
  bundled: string,
  environment: Readonly<Record<string, string | undefined>>,
): Configuration {
  const parsed = v.safeParse(bundledSchema, bundled);
  if (!parsed.success) {
    throw new SyncError("CONFIGURATION_INVALID", "config.json beside the function has no environment and target");
  }
  const target = readTarget(parsed.output.target);
  const users = (environment[excludedUsersVariable] ?? "").split(",").map((user) => user.trim());
  const heartbeat = isConfigured("HEARTBEAT", environment) ? connectionOptions("HEARTBEAT", environment) : undefined;
  return {
    environment: parsed.output.environment,
    targetName: target.name,
    heartbeat,
    pendingWarningSeconds: readSeconds(environment, pendingWarningVariable, defaultPendingWarningSeconds),
    worker: {
      databases: openDatabases({
        source: connectionOptions("SOURCE", environment),
        target: connectionOptions("TARGET", environment),
      }),
      routes: target.routes,
      targetName: target.name,
      stateDatabase: environment[stateDatabaseVariable] ?? defaultStateDatabase,
      excludedUsers: new Set(users.filter((user) => user !== "")),
      heartbeatUser: heartbeat === undefined ? undefined : environment["HEARTBEAT_USER"],
      verify: {
        settleMs: readSeconds(environment, verifySettleVariable, defaultSettleSeconds) * 1_000,
        repair: readFlag(environment, repairDriftVariable),
      },
    },
  };
}

type Environment = Readonly<Record<string, string | undefined>>;

const defaultSettleSeconds = 120;
const defaultPendingWarningSeconds = 3_600;

function readSeconds(environment: Environment, name: string, fallback: number): number {
  const given = environment[name];
  if (given === undefined || given === "") return fallback;
  if (!/^\d{1,6}$/u.test(given)) {
    throw new SyncError("CONFIGURATION_INVALID", `the environment variable ${name} is not a whole number of seconds`);
  }
  return Number(given);
}

function readFlag(environment: Environment, name: string): boolean {
  const given = environment[name];
  if (given === undefined || given === "" || given === "false") return false;
  if (given !== "true") {
    throw new SyncError("CONFIGURATION_INVALID", `the environment variable ${name} is neither true nor false`);
  }
  return true;
}

function readTarget(raw: unknown): ReturnType<typeof parseTargets>[number] {
  try {
    const [target] = parseTargets([raw]);
    if (target !== undefined) return target;
  } catch (error) {
    if (error instanceof RoutesError) throw new SyncError("CONFIGURATION_INVALID", error.message);
    throw error;
  }
  throw new SyncError("CONFIGURATION_INVALID", "config.json beside the function names no target");
}
