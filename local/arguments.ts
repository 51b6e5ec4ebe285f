import { accessSync, constants, readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { parse as parseYaml } from "yaml";
import { parseTargets, RoutesError } from "../handler/contract/routes";
import { type DialectName, dialectNames } from "./shipping/dialect";

export interface LocalSettings {
  /** SQL files instead of the demonstration's; empty: the demonstration. */
  readonly schemaFiles: readonly string[];
  readonly workloadFiles: readonly string[];
  /** Targets as written in the file, checked; `undefined`: made from what the source has. */
  readonly targets: readonly RawTarget[] | undefined;
  readonly serverOptions: readonly (readonly [name: string, value: string])[];
  readonly dialect: DialectName;
  /** Seed of the trouble; `undefined`: none. */
  readonly chaos: string | undefined;
  readonly settleTimeoutMs: number;
  readonly json: boolean;
  readonly watch: boolean;
  /** Serve a page on which statements are typed and followed. Implies `watch`. */
  readonly web: boolean;
  readonly keep: boolean;
}

/** A target as in a stack file; what else than its name it has is the handler's to check. */
export interface RawTarget {
  readonly name: string;
  readonly routes: readonly unknown[];
}

/** The arguments cannot be used; the message says what to do. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** @throws {UsageError} */
export function parseArguments(args: readonly string[]): LocalSettings | "help" {
  const values = readOptions(args);
  if (values.help === true) return "help";
  const { schema = [], workload = [] } = values;
  for (const file of schema) checkReadable("schema", file);
  for (const file of workload) checkReadable("workload", file);
  return {
    schemaFiles: schema,
    workloadFiles: workload,
    targets: values.routes === undefined ? undefined : readRoutes(values.routes),
    serverOptions: (values["server-option"] ?? []).map(parseServerOption),
    dialect: parseDialect(values.dialect ?? "mariadb"),
    chaos: values.chaos,
    settleTimeoutMs: parseSeconds(values["settle-timeout"] ?? "60") * 1000,
    json: values.json ?? false,
    watch: values.watch === true || values.web === true,
    web: values.web ?? false,
    keep: values.keep ?? false,
  };
}

function readOptions(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      strict: true,
      allowPositionals: false,
      options: {
        schema: { type: "string", multiple: true },
        workload: { type: "string", multiple: true },
        routes: { type: "string" },
        "server-option": { type: "string", multiple: true },
        dialect: { type: "string" },
        chaos: { type: "string" },
        "settle-timeout": { type: "string" },
        json: { type: "boolean" },
        watch: { type: "boolean" },
        web: { type: "boolean" },
        keep: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    }).values;
  } catch (error) {
    throw new UsageError(`${(error as Error).message}; --help lists the options`);
  }
}

function checkReadable(option: string, file: string): void {
  try {
    accessSync(file, constants.R_OK);
  } catch (error) {
    throw new UsageError(
      `--${option} ${file} cannot be read (${String((error as NodeJS.ErrnoException).code)}); name an SQL file`,
    );
  }
}

function readRoutes(file: string): readonly RawTarget[] {
  checkReadable("routes", file);
  let content: unknown;
  try {
    // JSON is YAML too.
    content = parseYaml(readFileSync(file, "utf8"));
  } catch (error) {
    throw new UsageError(`--routes ${file} is neither YAML nor JSON: ${(error as Error).message}`);
  }
  return targetsIn(content, file);
}

/** Accepts the targets themselves, an object that has them, or a stack file. */
export function targetsIn(content: unknown, file: string): readonly RawTarget[] {
  const raw = stackTargets(content) ?? content;
  try {
    parseTargets(raw);
  } catch (error) {
    if (error instanceof RoutesError) throw new UsageError(`--routes ${file}: ${error.message}`);
    throw error;
  }
  const list = typeof raw === "object" && raw !== null && "targets" in raw ? raw.targets : raw;
  return list as readonly RawTarget[];
}

/** Pulumi.<stack>.yaml keeps them under `config` with the project's name before the key. */
function stackTargets(content: unknown): unknown {
  if (typeof content !== "object" || content === null || !("config" in content)) return undefined;
  const { config } = content;
  if (typeof config !== "object" || config === null) return undefined;
  return Object.entries(config).find(([key]) => key === "targets" || key.endsWith(":targets"))?.[1];
}

function parseServerOption(option: string): readonly [string, string] {
  const equals = option.indexOf("=");
  if (equals < 1) {
    throw new UsageError(`--server-option ${option} is not KEY=VALUE, as in server-audit-query-log-limit=200`);
  }
  return [option.slice(0, equals).replace(/^--/u, ""), option.slice(equals + 1)];
}

function parseDialect(name: string): DialectName {
  const dialect = dialectNames.find((known) => known === name);
  if (dialect === undefined)
    throw new UsageError(`--dialect ${name} is not known; use one of ${dialectNames.join(", ")}`);
  return dialect;
}

function parseSeconds(value: string): number {
  const seconds = Number(value);
  if (value.trim() === "" || !Number.isFinite(seconds) || seconds <= 0) {
    throw new UsageError(`--settle-timeout ${value} is not a positive number of seconds`);
  }
  return seconds;
}
