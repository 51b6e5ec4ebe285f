import { defaultHeartbeatUser, defaultStateDatabase, defaultSyncUser } from "../handler/contract/environment";
import { isIpv4Range } from "./ipv4Range";

/** How one flat configuration key is written, checked and defaulted. `Pulumi.yaml` declares the same, a test compares. */
export interface SettingKey<T> {
  readonly type: "string" | "integer" | "boolean" | "array";
  readonly default: T;
  /** "must be .." */
  readonly rule: string;
  /** A usable value, for the command that mends a wrong one. */
  readonly example: string;
  /** The value in the text of the configuration, or `undefined` when it breaks the rule. */
  readonly parse: (text: string) => T | undefined;
}

/** Values that CloudWatch Logs takes for retentionInDays, up to two years. */
const logRetentionDays = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731] as const;

const vpcId = /^vpc-[0-9a-f]{8,17}$/;
const subnetId = /^subnet-[0-9a-f]{8,17}$/;
const securityGroupId = /^sg-[0-9a-f]{8,17}$/;
const secretArn = /^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:\d{12}:secret:[A-Za-z0-9/_+=.@-]+$/;
const kmsKeyArn = /^arn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+$/;
const databaseIdentifier = /^[a-z](?:-?[a-z0-9])*$/;
/** No comma, quote or blank: the audit log writes user names raw and its settings list them between commas. */
const userName = /^[A-Za-z0-9_-]{1,32}$/;
const schedule = /^(?:rate\([1-9]\d* (?:minutes?|hours?|days?)\)|cron\((?:[^\s()]+ ){5}[^\s()]+\))$/;
const capacity = /^\d+(?:\.[05])?-\d+(?:\.[05])?$/;
const subscriber = /^(?:[^@\s:/]+@[^@\s:/]+\.[^@\s:/]+|https:\/\/\S+)$/;

export const patterns = { securityGroupId, secretArn, kmsKeyArn, databaseIdentifier, capacity } as const;

export const settingKeys = {
  owner: text(
    "",
    /^[\p{L}\p{N} _.:/=+@-]{0,256}$/u,
    "must be a tag value of at most 256 characters",
    "database-platform",
  ),

  vpcId: optional(vpcId, "must be the id of a VPC, or empty for a VPC of this stack's own", "vpc-0a1b2c3d4e5f60718"),
  subnetIds: list(subnetId, "must be a list of subnet ids", "subnet-0a1b2c3d4e5f60718"),
  secretsEndpointSecurityGroup: optional(
    securityGroupId,
    "must be the id of the security group of the VPC's Secrets Manager endpoint, or empty to make an endpoint when one is needed",
    "sg-0a1b2c3d4e5f60718",
  ),
  vpcCidr: {
    type: "string",
    default: "10.80.0.0/16",
    rule: "must be an IPv4 range of /16 to /24, written from its first address",
    example: "10.80.0.0/16",
    // awsx divides it among the zones and kinds of subnet, none of which may be smaller than a /28.
    parse: (given) => (isIpv4Range(given, 16, 24) ? given : undefined),
  } satisfies SettingKey<string>,
  availabilityZones: integer(2, 2, 3),
  natGateways: choice("none", ["none", "single", "one-per-zone"]),

  protectData: flag(true),
  encryptionKey: text(
    "aws",
    new RegExp(`^(?:aws|create|${kmsKeyArn.source.slice(1, -1)})$`),
    "must be aws (keys that AWS manages), create (a key of this stack's own) or the ARN of a KMS key",
    "create",
  ),
  backupRetentionDays: integer(7, 1, 35),

  sourceEngine: choice("aurora-mysql", ["aurora-mysql", "mysql", "mariadb"]),
  sourceIdentifier: optional(
    databaseIdentifier,
    "must be the identifier of an existing cluster (aurora-mysql) or instance, or empty to create one",
    "shop-production",
  ),
  sourceVersion: text(
    "",
    /^[\w.]*$/,
    "must be an engine version, or empty for the default one",
    "8.0.mysql_aurora.3.10.3",
  ),
  sourceInstanceClass: text("", /^(?:db\.[a-z0-9.]+)?$/, "must be an instance class, or empty", "db.r7g.large"),
  sourceCapacity: text(
    "0.5-4",
    capacity,
    "must be <minimum>-<maximum> in Aurora capacity units, in steps of 0.5",
    "0.5-4",
  ),
  // Instances grow to four times of it, and 64 TiB is the most that RDS has.
  sourceStorageGiB: integer(50, 20, 16_384),
  sourceMultiAz: flag(false),
  sourceSecretArn: optional(
    secretArn,
    "must be the ARN of a Secrets Manager secret, or empty",
    exampleSecret("source"),
  ),
  heartbeatSecretArn: optional(
    secretArn,
    "must be the ARN of a Secrets Manager secret, or empty",
    exampleSecret("beat"),
  ),
  sourceSecretsKmsKeyArn: optional(
    kmsKeyArn,
    "must be the ARN of the KMS key of those secrets, or empty",
    exampleKey(),
  ),
  auditedUsers: list(userName, "must be a list of database user names", "app"),
  excludedUsers: list(userName, "must be a list of database user names", "reporting"),
  auditLogRetentionDays: oneOf(7, logRetentionDays),

  delivery: choice("stream", ["stream", "direct"]),
  streamMode: choice("on-demand", ["on-demand", "provisioned"]),
  streamShards: integer(1, 1, 500),
  streamRetentionHours: integer(48, 24, 8_760),
  batchSize: integer(500, 1, 10_000),
  batchWindowSeconds: integer(1, 0, 300),
  parallelization: integer(1, 1, 10),
  bisectOnError: flag(true),
  retryAttempts: integer(-1, -1, 10_000),
  recordAgeSeconds: integer(144_000, 60, 604_800),
  failureRetentionDays: integer(60, 1, 3_650),

  functionMemoryMiB: integer(512, 256, 10_240),
  functionTimeoutSeconds: integer(120, 30, 900),
  functionConcurrency: integer(-1, -1, 1_000),
  functionLogRetentionDays: oneOf(30, logRetentionDays),
  verifySchedule: text(
    "rate(1 day)",
    new RegExp(`^(?:${schedule.source.slice(1, -1)})?$`),
    "must be a rate(..) or cron(..) expression of EventBridge Scheduler, or empty for none",
    "'rate(1 day)'",
  ),
  repairDrift: flag(false),

  alarmSubscribers: list(subscriber, "must be a list of e-mail addresses and https:// addresses", "oncall@example.com"),
  alarmLagSeconds: integer(300, 10, 86_400),
  alarmHeartbeatSeconds: integer(600, 180, 86_400),
  alarmPendingSeconds: integer(3_600, 60, 86_400),

  syncUser: text(
    defaultSyncUser,
    userName,
    "must be a database user name of letters, digits, _ and -",
    defaultSyncUser,
  ),
  heartbeatUser: text(
    defaultHeartbeatUser,
    userName,
    "must be a database user name of letters, digits, _ and -",
    defaultHeartbeatUser,
  ),
  stateDatabase: text(
    defaultStateDatabase,
    /^[a-z][a-z0-9_]{0,63}$/,
    "must be a database name of lower-case letters, digits and _",
    defaultStateDatabase,
  ),
} as const;

export type SettingName = keyof typeof settingKeys;
type ValueOf<K> = K extends SettingKey<infer T> ? T : never;
/** Every flat key with its value or default. */
export type FlatSettings = { readonly [K in SettingName]: ValueOf<(typeof settingKeys)[K]> };

function text(fallback: string, pattern: RegExp, rule: string, example: string): SettingKey<string> {
  return { type: "string", default: fallback, rule, example, parse: (given) => match(pattern, given) };
}

function optional(pattern: RegExp, rule: string, example: string): SettingKey<string> {
  return { type: "string", default: "", rule, example, parse: (given) => (given === "" ? "" : match(pattern, given)) };
}

function choice<const T extends string>(fallback: NoInfer<T>, allowed: readonly T[]): SettingKey<T> {
  return {
    type: "string",
    default: fallback,
    rule: `must be one of ${allowed.join(", ")}`,
    example: fallback,
    parse: (given) => allowed.find((value) => value === given),
  };
}

function integer(fallback: number, least: number, most: number): SettingKey<number> {
  return {
    type: "integer",
    default: fallback,
    rule: `must be an integer from ${least} to ${most}`,
    example: String(fallback),
    parse: (given) => {
      const value = wholeNumber(given);
      return value !== undefined && value >= least && value <= most ? value : undefined;
    },
  };
}

function oneOf(fallback: number, allowed: readonly number[]): SettingKey<number> {
  return {
    type: "integer",
    default: fallback,
    rule: `must be one of ${allowed.join(", ")}`,
    example: String(fallback),
    parse: (given) => allowed.find((value) => value === wholeNumber(given)),
  };
}

function flag(fallback: boolean): SettingKey<boolean> {
  return {
    type: "boolean",
    default: fallback,
    rule: "must be true or false",
    example: String(fallback),
    parse: (given) => (given === "true" ? true : given === "false" ? false : undefined),
  };
}

function list(pattern: RegExp, rule: string, example: string): SettingKey<readonly string[]> {
  return {
    type: "array",
    default: [],
    rule,
    example,
    parse: (given) => {
      const items = parseJson(given);
      return Array.isArray(items) && items.every((item) => typeof item === "string" && pattern.test(item))
        ? (items as string[])
        : undefined;
    },
  };
}

/** Pulumi hands structured values over as JSON text. */
export function parseJson(given: string): unknown {
  try {
    return JSON.parse(given);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function wholeNumber(given: string): number | undefined {
  return /^-?\d{1,9}$/.test(given) ? Number(given) : undefined;
}

function match(pattern: RegExp, given: string): string | undefined {
  return pattern.test(given) ? given : undefined;
}

function exampleSecret(name: string): string {
  return `arn:aws:secretsmanager:eu-central-1:123456789012:secret:${name}-AbCdEf`;
}

function exampleKey(): string {
  return "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
}
