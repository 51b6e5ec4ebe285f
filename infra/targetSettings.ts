import * as v from "valibot";
import { parseTargets, RoutesError, type Route } from "../handler/contract/routes";
import {
  credentialsOf,
  existingSchema,
  externalSchema,
  ownedDatabase,
  ownedSchema,
  type DatabaseSettings,
  type ExternalDatabase,
} from "./databaseSettings";
import { shown, type SettingProblem } from "./settingsError";

export interface TargetSettings {
  readonly name: string;
  readonly routes: readonly Route[];
  /** Name and routes as written: what reaches the function. */
  readonly definition: { readonly name: string; readonly routes: unknown };
  readonly database: DatabaseSettings;
}

type Parsed<T> = { readonly value: T } | { readonly problems: readonly SettingProblem[] };

/** Reads the structured key `targets`. Everything that the handler would refuse at load is refused here, at preview. */
export function parseTargetSettings(raw: unknown): {
  readonly targets: readonly TargetSettings[];
  readonly problems: readonly SettingProblem[];
} {
  let parsed;
  try {
    parsed = parseTargets(raw);
  } catch (error) {
    if (!(error instanceof RoutesError)) throw error;
    return { targets: [], problems: error.problems.map(routeProblem) };
  }
  const databases = parsed.map((_, index) => parseDatabase(written(raw, index)["database"], index));
  const problems = databases.flatMap((database) => ("problems" in database ? database.problems : []));
  const targets = parsed.flatMap(({ name, routes }, index) => {
    const database = databases[index];
    if (database === undefined || !("value" in database)) return [];
    return [{ name, routes, definition: { name, routes: written(raw, index)["routes"] }, database: database.value }];
  });
  return { targets, problems };
}

/** `parseTargets` has made sure that this is a list of objects. */
function written(raw: unknown, index: number): Readonly<Record<string, unknown>> {
  return (raw as readonly Readonly<Record<string, unknown>>[])[index] ?? {};
}

const editTargets = "editing targets in the stack file; docs/configuration.md describes it";

/** `targets.0.name: rule` or a sentence about a named target. */
function routeProblem(problem: string): SettingProblem {
  const [, path, rule] = /^targets\.([\w.]+): (.*)$/s.exec(problem) ?? [];
  return path === undefined || rule === undefined
    ? { key: "targets", rule: problem.replace(/^targets: /, ""), fix: editTargets }
    : { key: keyPath(`targets.${path}`), rule, fix: editTargets };
}

/** `targets.0.name` → `targets[0].name`, as `pulumi config set --path` wants it. */
function keyPath(dotted: string): string {
  return dotted.replace(/\.(\d+)/g, "[$1]");
}

function parseDatabase(raw: unknown, index: number): Parsed<DatabaseSettings> {
  const key = `targets[${index}].database`;
  if (typeof raw !== "object" || raw === null) {
    const rule =
      "must say where the target's tables live: an engine, with an identifier or a host if it exists already";
    return { problems: [{ key, rule, fix: `pulumi config set --path '${key}.engine' mysql` }] };
  }
  if ("identifier" in raw) {
    const parsed = parse(existingSchema, raw, key);
    if ("problems" in parsed) return parsed;
    const { engine, identifier } = parsed.value;
    return { value: { kind: "existing", engine, identifier, credentials: credentialsOf(parsed.value) } };
  }
  return "host" in raw ? parseExternal(raw, key) : parseOwned(raw, key);
}

function parseOwned(raw: object, key: string): Parsed<DatabaseSettings> {
  const parsed = parse(ownedSchema, raw, key);
  if ("problems" in parsed) return parsed;
  const { database, problems } = ownedDatabase(parsed.value, (field) => `${key}.${field}`);
  return problems.length > 0 ? { problems } : { value: database };
}

function parseExternal(raw: object, key: string): Parsed<DatabaseSettings> {
  const parsed = parse(externalSchema, raw, key);
  if ("problems" in parsed) return parsed;
  const { engine, host, port, tls, securityGroup, cidr, resourceId, secretArn, kmsKeyArn } = parsed.value;
  const problems: SettingProblem[] = [];
  if ((securityGroup === undefined) === (cidr === undefined)) {
    const rule = "must have exactly one of securityGroup and cidr, so that the functions may reach it and nothing else";
    problems.push({ key, rule, fix: `pulumi config set --path '${key}.cidr' 10.20.0.0/16` });
  }
  if ((resourceId === undefined) === (secretArn === undefined)) {
    const rule = "must have exactly one of resourceId (log in with a token) and secretArn (with a password)";
    problems.push({ key, rule, fix: `pulumi config set --path '${key}.resourceId' db-ABCDEFGHIJKL1234` });
  }
  if (problems.length > 0) return { problems };
  const reachedAt: ExternalDatabase["reachedAt"] =
    securityGroup === undefined ? { cidr: cidr ?? "" } : { securityGroup };
  const credentials = credentialsOf({
    ...(secretArn === undefined ? {} : { secretArn }),
    ...(kmsKeyArn === undefined ? {} : { kmsKeyArn }),
  });
  return {
    value: {
      ...{ kind: "external" as const, engine, host, port, tls, reachedAt, credentials },
      ...(resourceId === undefined ? {} : { resourceId }),
    },
  };
}

function parse<const S extends v.GenericSchema>(schema: S, raw: object, key: string): Parsed<v.InferOutput<S>> {
  const parsed = v.safeParse(schema, raw);
  if (parsed.success) return { value: parsed.output };
  return { problems: parsed.issues.map((issue) => schemaProblem(issue, key)) };
}

function schemaProblem(issue: v.BaseIssue<unknown>, key: string): SettingProblem {
  const place = keyPath(`${key}.${v.getDotPath(issue) ?? ""}`);
  if (issue.type === "strict_object" && issue.expected === "never") {
    return { key: place, rule: "must not be there; nothing reads it", fix: `pulumi config rm --path '${place}'` };
  }
  // What stands there instead of a secret's ARN may be the secret itself.
  const hidden = issue.input === undefined || place.endsWith(".secretArn");
  return {
    key: place,
    ...(hidden ? {} : { value: shown(issue.input) }),
    rule: issue.message.startsWith("must") ? issue.message : `must be there: ${issue.message}`,
    fix: `pulumi config set --path '${place}' <value>`,
  };
}
