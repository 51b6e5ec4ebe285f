import { parseArgs } from "node:util";

export const verbs = [
  "status",
  "backfill",
  "verify",
  "repair",
  "pending",
  "dead",
  "drop",
  "redrive",
  "replay",
] as const;
export type Verb = (typeof verbs)[number];

/** Where the functions are. */
export type Place =
  | { readonly kind: "stack"; readonly stack: string; readonly region: string | undefined }
  | {
      readonly kind: "function";
      readonly name: string;
      readonly failureBucket: string | undefined;
      readonly region: string | undefined;
    }
  | { readonly kind: "local"; readonly workspace: string | undefined };

export interface Command {
  readonly verb: Verb;
  readonly place: Place;
  readonly target: string | undefined;
  readonly table: string | undefined;
  /** Dead entries; `drop` and `redrive` only. */
  readonly ids: readonly string[] | "all";
  readonly wait: boolean;
  /** Milliseconds; `Infinity`: no limit. */
  readonly timeoutMs: number;
  readonly json: boolean;
}

/** The command cannot be carried out as it was given; the message says what to do. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** @throws {UsageError} */
export function parseCommand(args: readonly string[]): Command | "help" {
  const { values, positionals } = readOptions(args);
  if (values.help === true) return "help";
  const [verb, rest] = readVerb(positionals);
  const ids = readIds(verb, rest, values.all ?? false);
  return {
    verb,
    place: readPlace(values, verb),
    target: values.target,
    table: values.table,
    ids,
    wait: values["no-wait"] !== true,
    timeoutMs: readTimeout(values.timeout),
    json: values.json ?? false,
  };
}

function readOptions(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      strict: true,
      allowPositionals: true,
      options: {
        stack: { type: "string" },
        function: { type: "string" },
        "failure-bucket": { type: "string" },
        local: { type: "boolean" },
        workspace: { type: "string" },
        region: { type: "string" },
        target: { type: "string" },
        table: { type: "string" },
        all: { type: "boolean" },
        "no-wait": { type: "boolean" },
        timeout: { type: "string" },
        json: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    throw new UsageError(`${(error as Error).message}; --help lists the options`);
  }
}

type Options = ReturnType<typeof readOptions>["values"];

/** `dead drop` and `dead redrive` are the verbs `drop` and `redrive`. */
function readVerb([first, ...rest]: readonly string[]): readonly [Verb, readonly string[]] {
  if (first === "dead" && (rest[0] === "drop" || rest[0] === "redrive")) return [rest[0], rest.slice(1)];
  if (first === "dead" && rest[0] === "list") return ["dead", rest.slice(1)];
  const verb = verbs.find((known) => known === first);
  if (verb !== undefined && verb !== "drop") return [verb, rest];
  const given = first === undefined ? "no verb was given" : `${first} is not a verb`;
  throw new UsageError(`${given}; use one of ${verbs.filter((known) => known !== "drop").join(", ")}`);
}

function readIds(verb: Verb, rest: readonly string[], all: boolean): readonly string[] | "all" {
  const takesIds = verb === "drop" || verb === "redrive";
  const [surplus] = rest;
  if (!takesIds) {
    if (surplus !== undefined) throw new UsageError(`${verb} takes no further argument, but got ${surplus}`);
    return "all";
  }
  const wrong = rest.find((id) => !/^\d{1,20}$/u.test(id));
  if (wrong !== undefined)
    throw new UsageError(`${wrong} is not the number of an entry; npm run sync -- dead lists them`);
  if (all && rest.length > 0) throw new UsageError("give entries or --all, not both");
  if (verb === "drop" && !all && rest.length === 0) {
    throw new UsageError("dead drop needs the numbers of entries, or --all to forget every one");
  }
  return rest.length === 0 ? "all" : rest;
}

function readPlace(values: Options, verb: Verb): Place {
  const { stack, local, workspace, region } = values;
  const places = [stack !== undefined, values.function !== undefined, local === true].filter(Boolean);
  if (places.length !== 1) throw new UsageError("say where: one of --stack S, --function NAME and --local");
  if (workspace !== undefined && local !== true) throw new UsageError("--workspace goes with --local");
  if (values["failure-bucket"] !== undefined && values.function === undefined) {
    throw new UsageError("--failure-bucket goes with --function; a stack knows its buckets");
  }
  if (stack !== undefined) return { kind: "stack", stack, region };
  if (values.function === undefined) return { kind: "local", workspace };
  const failureBucket = values["failure-bucket"];
  if (verb === "replay" && failureBucket === undefined) {
    throw new UsageError("replay with --function needs --failure-bucket NAME");
  }
  return { kind: "function", name: values.function, failureBucket, region };
}

function readTimeout(given: string | undefined): number {
  if (given === undefined) return Infinity;
  const seconds = Number(given);
  if (!(seconds > 0)) throw new UsageError(`--timeout ${given} is not a positive number of seconds`);
  return seconds * 1_000;
}
