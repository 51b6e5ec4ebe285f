import * as v from "valibot";
import type { DatabaseEngine } from "../handler/contract/databaseUsers";
import { patterns } from "./settingKeys";
import { isIpv4Range } from "./ipv4Range";
import type { SettingProblem } from "./settingsError";

/** How the functions log in: an RDS authentication token, or user and password from a secret. */
export type Credentials =
  { readonly type: "iam" } | { readonly type: "secret"; readonly secretArn: string; readonly kmsKeyArn?: string };

/** A cluster or instance that this stack creates. Its users log in with tokens. */
export interface OwnedDatabase {
  readonly kind: "owned";
  readonly engine: DatabaseEngine;
  readonly version: string;
  readonly instanceClass: string;
  /** Aurora capacity units of `db.serverless`. */
  readonly capacity: { readonly min: number; readonly max: number };
  /** RDS instances only; Aurora grows by itself. */
  readonly storageGiB: number;
  readonly multiAz: boolean;
}

/** A cluster (Aurora) or instance of the same account and region, looked up by its identifier. Nothing of it is changed. */
export interface ExistingDatabase {
  readonly kind: "existing";
  readonly engine: DatabaseEngine;
  readonly identifier: string;
  readonly credentials: Credentials;
}

/** Any server that the functions reach at an address. */
export interface ExternalDatabase {
  readonly kind: "external";
  readonly engine: DatabaseEngine;
  readonly host: string;
  readonly port: number;
  readonly tls: "rds" | "system";
  readonly reachedAt: { readonly securityGroup: string } | { readonly cidr: string };
  readonly credentials: Credentials;
  /** `DbiResourceId` or `DbClusterResourceId`, which the permission to log in with a token names. */
  readonly resourceId?: string;
}

export type DatabaseSettings = OwnedDatabase | ExistingDatabase | ExternalDatabase;

/**
 * Aurora 3.10 is a long-term support release: supported for three years without a forced minor upgrade. RDS upgrades minor
 * versions by itself, so that a full version would show a difference after each of them.
 */
const defaultVersions: Readonly<Record<DatabaseEngine, string>> = {
  "aurora-mysql": "8.0.mysql_aurora.3.10.3",
  mysql: "8.4",
  mariadb: "10.11",
};

const defaultClasses: Readonly<Record<DatabaseEngine, string>> = {
  "aurora-mysql": "db.serverless",
  mysql: "db.t4g.small",
  mariadb: "db.t4g.small",
};

export interface OwnedDatabaseInput {
  readonly engine: DatabaseEngine;
  readonly version: string;
  readonly instanceClass: string;
  readonly capacity: string;
  readonly storageGiB: number;
  readonly multiAz: boolean;
}

/** Fills in what depends on the engine, and says which values do not fit it. `keyOf` names a field's configuration key. */
export function ownedDatabase(
  input: OwnedDatabaseInput,
  keyOf: (field: keyof OwnedDatabaseInput) => string,
): { readonly database: OwnedDatabase; readonly problems: readonly SettingProblem[] } {
  const version = input.version === "" ? defaultVersions[input.engine] : input.version;
  const instanceClass = input.instanceClass === "" ? defaultClasses[input.engine] : input.instanceClass;
  const [min = 0, max = 0] = input.capacity.split("-").map(Number);
  const problems: SettingProblem[] = [];
  const check = (field: "version" | "instanceClass" | "capacity", good: boolean, rule: string, value: string): void => {
    if (good) return;
    const fix = `pulumi config set --path '${keyOf(field)}' ${value}`;
    problems.push({ key: keyOf(field), value: input[field], rule, fix });
  };
  const aurora = input.engine === "aurora-mysql";
  check(
    "version",
    (aurora ? /^\d+\.\d+\.mysql_aurora\.\d+\.\d+\.\d+$/ : /^\d+\.\d+(?:\.\d+)?$/).test(version),
    `must be a version of ${input.engine} such as ${defaultVersions[input.engine]}`,
    defaultVersions[input.engine],
  );
  check(
    "instanceClass",
    aurora || instanceClass !== "db.serverless",
    "must be an instance class; only aurora-mysql can be serverless",
    defaultClasses[input.engine],
  );
  // https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2.setting-capacity.html
  const rule = "must go from at least 0.5 to at most 256 capacity units, the smaller one first";
  check("capacity", min >= 0.5 && max <= 256 && min <= max && max >= 1, rule, "0.5-4");
  const { engine, storageGiB, multiAz } = input;
  return {
    database: { kind: "owned", engine, version, instanceClass, capacity: { min, max }, storageGiB, multiAz },
    problems,
  };
}

const engine = v.picklist(["aurora-mysql", "mysql", "mariadb"], "must be one of aurora-mysql, mysql, mariadb");
const secretArn = v.pipe(
  v.string(),
  v.regex(patterns.secretArn, "must be the ARN of a Secrets Manager secret, with its six-character suffix"),
);
const kmsKeyArn = v.pipe(v.string(), v.regex(patterns.kmsKeyArn, "must be the ARN of a KMS key"));
const text = v.pipe(v.string("must be text"), v.minLength(1, "must not be empty"));

export const ownedSchema = v.strictObject({
  engine,
  version: v.optional(v.string("must be text in quotes"), ""),
  instanceClass: v.optional(v.pipe(v.string(), v.regex(/^(?:db\.[a-z0-9.]+)?$/, "must be an instance class")), ""),
  capacity: v.optional(
    v.pipe(v.string(), v.regex(patterns.capacity, "must be <minimum>-<maximum> in capacity units")),
    "0.5-2",
  ),
  storageGiB: v.optional(
    v.pipe(
      v.number("must be a number"),
      v.integer("must be whole"),
      v.minValue(20, "must be at least 20"),
      // It grows to four times that, and 64 TiB is the most that RDS has.
      v.maxValue(16_384, "must be at most 16384"),
    ),
    20,
  ),
  multiAz: v.optional(v.boolean("must be true or false"), false),
});

export const existingSchema = v.strictObject({
  engine,
  identifier: v.pipe(
    v.string(),
    v.regex(patterns.databaseIdentifier, "must be the identifier of a cluster or an instance"),
  ),
  secretArn: v.exactOptional(secretArn),
  kmsKeyArn: v.exactOptional(kmsKeyArn),
});

export const externalSchema = v.strictObject({
  engine,
  host: text,
  port: v.optional(v.pipe(v.number("must be a number"), v.integer(), v.minValue(1), v.maxValue(65_535)), 3306),
  tls: v.optional(v.picklist(["rds", "system"], "must be rds or system"), "rds"),
  securityGroup: v.exactOptional(
    v.pipe(v.string(), v.regex(patterns.securityGroupId, "must be the id of a security group")),
  ),
  cidr: v.exactOptional(
    v.pipe(
      v.string(),
      v.check((range) => isIpv4Range(range, 8, 32), "must be an IPv4 range, written from its first address"),
    ),
  ),
  resourceId: v.exactOptional(
    v.pipe(v.string(), v.regex(/^(?:db|cluster)-[A-Z0-9]+$/, "must be a resource id such as db-ABCDEFGH1234")),
  ),
  secretArn: v.exactOptional(secretArn),
  kmsKeyArn: v.exactOptional(kmsKeyArn),
});

export function credentialsOf(given: { readonly secretArn?: string; readonly kmsKeyArn?: string }): Credentials {
  if (given.secretArn === undefined || given.secretArn === "") return { type: "iam" };
  const { secretArn: arn, kmsKeyArn: key } = given;
  return { type: "secret", secretArn: arn, ...(key === undefined || key === "" ? {} : { kmsKeyArn: key }) };
}
