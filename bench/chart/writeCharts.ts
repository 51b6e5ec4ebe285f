/** The charts of docs/performance.md. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type CatchUpData } from "../catchUp/catchUp";
import { type Way, ways } from "../catchUp/race";
import { type SectionResult } from "../result";
import { type ScaleData } from "../scale/scale";
import { barChart } from "./barChart";
import { lineCharts } from "./lineChart";

/** Writes what the sections that ran have charts for; returns the files. */
export function writeCharts(results: readonly SectionResult[], folder: string): readonly string[] {
  const drawings = results.flatMap(({ section, data }): readonly (readonly [string, string])[] => {
    if (section === "catch-up") return [["performance-catch-up.svg", catchUpChart(data as CatchUpData)]];
    if (section === "scale") return [["performance-scale.svg", scaleChart(data as ScaleData)]];
    return [];
  });
  mkdirSync(folder, { recursive: true });
  return drawings.map(([name, drawing]) => {
    writeFileSync(join(folder, name), drawing);
    return join(folder, name);
  });
}

function catchUpChart({ statements, races }: CatchUpData): string {
  return barChart(
    `Catching up with ${statements.toLocaleString("en-US")} statements: statements a second`,
    races.map(({ work, result }) => ({
      name: work,
      bars: (Object.keys(ways) as Way[]).map((way) => ({ name: ways[way], value: statements / result.seconds[way] })),
    })),
  );
}

function scaleChart({ backlogs, tables }: ScaleData): string {
  return lineCharts([
    {
      title: "Time to catch up by changes",
      xName: "statements",
      yName: "seconds",
      points: backlogs.map(({ of, seconds }) => ({ x: of, y: seconds })),
    },
    {
      title: "Time to catch up by table size",
      xName: "rows of the table",
      yName: "seconds",
      logarithmic: true,
      points: tables.map(({ of, seconds }) => ({ x: of, y: seconds })),
    },
  ]);
}
