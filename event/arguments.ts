import { parseArgs } from "node:util";
import { Unusable } from "./unusable";

export type EventCommand =
  | {
      readonly name: "encode";
      /** A path, or `-` for standard input. */
      readonly file: string;
      /** A CloudWatch Logs event instead of a Kinesis event. */
      readonly direct: boolean;
    }
  | {
      readonly name: "decode";
      readonly file: string;
      /** SQL files that make the tables, so that touches name rows; empty: touches name tables only. */
      readonly schemaFiles: readonly string[];
      /** The log lines as they came instead of JSON. */
      readonly lines: boolean;
    };

/** @throws {Unusable} */
export function parseArguments(args: readonly string[]): EventCommand | "help" {
  const { values, positionals } = readOptions(args);
  if (values.help === true) return "help";
  const [name, file = "-", ...others] = positionals;
  if (others.length > 0) throw new Unusable(`one FILE at a time: ${others.join(" ")} is too much${seeHelp}`);
  const { direct = false, schema = [], lines = false } = values;
  if (name === "encode") {
    if (schema.length > 0 || lines) throw new Unusable(`--schema and --lines belong to decode${seeHelp}`);
    return { name, file, direct };
  }
  if (name === "decode") {
    if (direct) throw new Unusable(`--direct belongs to encode; decode sees by itself what it is given${seeHelp}`);
    return { name, file, schemaFiles: schema, lines };
  }
  throw new Unusable(
    `${name === undefined ? "no command is given" : `${name} is no command`}: use encode or decode${seeHelp}`,
  );
}

const seeHelp = "; npm run event -- --help";

function readOptions(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      strict: true,
      allowPositionals: true,
      options: {
        direct: { type: "boolean" },
        schema: { type: "string", multiple: true },
        lines: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    throw new Unusable(`${(error as Error).message.split(". ")[0] ?? ""}${seeHelp}`);
  }
}
