import * as pulumi from "@pulumi/pulumi";
import {
  credentialsOf,
  ownedDatabase,
  type Credentials,
  type ExistingDatabase,
  type OwnedDatabase,
} from "./databaseSettings";
import { ruleProblems } from "./settingRules";
import { parseServerParameters, type ServerParameter } from "./serverParameters";
import { parseJson, settingKeys, type FlatSettings, type SettingName } from "./settingKeys";
import { SettingsError, type SettingProblem } from "./settingsError";
import { parseTargetSettings, type TargetSettings } from "./targetSettings";

/** The stack's configuration, checked, with every default filled in. */
export interface Settings {
  readonly project: string;
  readonly stack: string;
  readonly region: string;
  readonly flat: FlatSettings;
  readonly source: OwnedDatabase | ExistingDatabase;
  /** Server parameters of a source of this stack's own, on top of those that the audit log needs. */
  readonly sourceParameters: readonly ServerParameter[];
  /** How the user of the heartbeat logs in at the source. */
  readonly heartbeatCredentials: Credentials;
  readonly targets: readonly TargetSettings[];
}

/**
 * Reads the configuration of the current stack.
 *
 * @throws {SettingsError} with all problems at once.
 */
export function loadSettings(config = new pulumi.Config(), aws = new pulumi.Config("aws")): Settings {
  const project = pulumi.getProject();
  const stack = pulumi.getStack();
  const problems: SettingProblem[] = [];
  const region = readRegion(aws, problems);
  const flat = readFlat(config, problems);
  const source = readSource(flat, problems);
  const parameters = parseServerParameters(readStructured(config, "sourceParameters"));
  const { targets, problems: targetProblems } = parseTargetSettings(readStructured(config, "targets"));
  problems.push(...parameters.problems, ...targetProblems);
  const settings: Settings = {
    project,
    stack,
    region,
    flat,
    source,
    sourceParameters: parameters.parameters,
    heartbeatCredentials: credentialsOf({
      secretArn: flat.heartbeatSecretArn,
      kmsKeyArn: flat.sourceSecretsKmsKeyArn,
    }),
    targets,
  };
  problems.push(...ruleProblems(settings));
  if (problems.length > 0) throw new SettingsError(project, problems);
  return settings;
}

function readRegion(aws: pulumi.Config, problems: SettingProblem[]): string {
  const region = aws.get("region") ?? "";
  if (/^[a-z]{2}(?:-[a-z]+)+-\d$/.test(region)) return region;
  problems.push({
    key: "aws:region",
    ...(region === "" ? {} : { value: region }),
    rule: "must be the AWS region to deploy to",
    fix: "pulumi config set aws:region eu-central-1",
  });
  return region;
}

function readFlat(config: pulumi.Config, problems: SettingProblem[]): FlatSettings {
  const values = Object.entries(settingKeys).map(([name, key]) => {
    const given = config.get(name);
    if (given === undefined) return [name, key.default];
    const value = key.parse(given);
    if (value !== undefined) return [name, value];
    const fix =
      key.type === "array"
        ? `pulumi config set --path '${name}[0]' ${key.example}`
        : `pulumi config set ${name} ${key.example}`;
    // What stands there instead of a secret's ARN may be the secret itself.
    problems.push({ key: name, ...(name.endsWith("SecretArn") ? {} : { value: given }), rule: key.rule, fix });
    return [name, key.default];
  });
  return Object.fromEntries(values) as Record<SettingName, unknown> as FlatSettings;
}

function readStructured(config: pulumi.Config, key: "targets" | "sourceParameters"): unknown {
  const given = config.get(key);
  return given === undefined ? [] : parseJson(given);
}

const sourceKeys = {
  engine: "sourceEngine",
  version: "sourceVersion",
  instanceClass: "sourceInstanceClass",
  capacity: "sourceCapacity",
  storageGiB: "sourceStorageGiB",
  multiAz: "sourceMultiAz",
} as const;

function readSource(flat: FlatSettings, problems: SettingProblem[]): Settings["source"] {
  if (flat.sourceIdentifier !== "") {
    const credentials = credentialsOf({ secretArn: flat.sourceSecretArn, kmsKeyArn: flat.sourceSecretsKmsKeyArn });
    return { kind: "existing", engine: flat.sourceEngine, identifier: flat.sourceIdentifier, credentials };
  }
  const owned = ownedDatabase(
    {
      engine: flat.sourceEngine,
      version: flat.sourceVersion,
      instanceClass: flat.sourceInstanceClass,
      capacity: flat.sourceCapacity,
      storageGiB: flat.sourceStorageGiB,
      multiAz: flat.sourceMultiAz,
    },
    (field) => sourceKeys[field],
  );
  problems.push(...owned.problems);
  return owned.database;
}
