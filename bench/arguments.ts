import { parseArgs } from "node:util";

/** In the order in which they run. */
export const sectionNames = ["decode", "touch", "function", "catch-up", "latency", "source-cost", "scale"] as const;
export type SectionName = (typeof sectionNames)[number];

export interface BenchSettings {
  readonly sections: readonly SectionName[];
  readonly quick: boolean;
  readonly json: boolean;
  /** Folder that the charts are written to; `undefined`: none are. */
  readonly charts: string | undefined;
  /** Folder for CPU profiles of the function; `undefined`: none are made. */
  readonly profiles: string | undefined;
}

export const helpText = `npm run bench -- [options] [section ...]

Measures this project against what people would use instead, on this machine, and prints ratios first. Sections:
${sectionNames.join(", ")} (default: all of them, about half an hour).

  --quick           smaller backlogs, shorter rounds: the same picture with more noise, in a few minutes
  --json            one JSON object on standard output and nothing else there
  --charts FOLDER   write the charts of catch-up and scale there, as SVG
  --profiles FOLDER write CPU profiles of the function there (for Chrome's developer tools); slows it down a little
  -h, --help        this text
`;

/** @throws {Error} naming what cannot be used. */
export function parseArguments(args: readonly string[]): BenchSettings | "help" {
  const { values, positionals } = parseArgs({
    args: [...args],
    strict: true,
    allowPositionals: true,
    options: {
      quick: { type: "boolean" },
      json: { type: "boolean" },
      charts: { type: "string" },
      profiles: { type: "string" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help === true) return "help";
  for (const name of positionals) {
    if (!isSectionName(name)) throw new Error(`there is no section ${name}; choose of ${sectionNames.join(", ")}`);
  }
  const chosen = positionals.filter(isSectionName);
  return {
    sections: chosen.length === 0 ? sectionNames : sectionNames.filter((name) => chosen.includes(name)),
    quick: values.quick ?? false,
    json: values.json ?? false,
    charts: values.charts,
    profiles: values.profiles,
  };
}

function isSectionName(name: string): name is SectionName {
  return (sectionNames as readonly string[]).includes(name);
}
