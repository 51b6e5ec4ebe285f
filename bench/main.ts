/** `npm run bench`: see arguments.ts for its options. */
import { removeAbandonedWorkspaces } from "../local/workspace";
import { type BenchSettings, helpText, parseArguments, type SectionName } from "./arguments";
import { measureCatchUp } from "./catchUp/catchUp";
import { measureDecode } from "./decode/decode";
import { writeCharts } from "./chart/writeCharts";
import { measureFunction } from "./function/functionStart";
import { measureLatency } from "./latency/latency";
import { describeMachine } from "./machine";
import { printResults } from "./print";
import { type SectionContext, type SectionResult } from "./result";
import { measureScale } from "./scale/scale";
import { measureSourceCost } from "./sourceCost";
import { measureTouch } from "./touch/touch";

type Section = (context: SectionContext) => SectionResult | Promise<SectionResult>;

const sections: Readonly<Record<SectionName, Section>> = {
  decode: measureDecode,
  touch: measureTouch,
  function: measureFunction,
  "catch-up": measureCatchUp,
  latency: measureLatency,
  "source-cost": measureSourceCost,
  scale: measureScale,
};

main(process.argv.slice(2)).then(
  (status) => {
    process.exit(status);
  },
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);

async function main(args: readonly string[]): Promise<number> {
  let settings;
  try {
    settings = parseArguments(args);
  } catch (error) {
    console.error(`${(error as Error).message}; --help lists the options`);
    return 2;
  }
  if (settings === "help") {
    process.stdout.write(helpText);
    return 0;
  }
  await run(settings);
  return 0;
}

async function run({ sections: names, quick, json, profiles, charts }: BenchSettings): Promise<void> {
  const machine = describeMachine();
  removeAbandonedWorkspaces();
  const context: SectionContext = {
    effort: quick ? "quick" : "full",
    profiles,
    say: (line) => {
      console.error(line);
    },
  };
  const results: SectionResult[] = [];
  for (const name of names) results.push(await sections[name](context));
  if (charts !== undefined) for (const file of writeCharts(results, charts)) context.say(`wrote ${file}`);
  if (json) process.stdout.write(`${JSON.stringify({ machine, results })}\n`);
  else for (const line of printResults(results, machine)) process.stdout.write(`${line}\n`);
}
