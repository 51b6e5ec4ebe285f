/** Results as text: ratios first, then what they were made of. */
import { type Machine } from "./machine";
import { isReached, type Ratio, type SectionResult, type Table } from "./result";

export function printResults(results: readonly SectionResult[], machine: Machine): readonly string[] {
  return [
    describe(machine),
    "",
    ...results.flatMap(({ section, ratios }) => alignedRows(ratios.map((ratio) => [section, ...ratioCells(ratio)]))),
    ...results.flatMap(({ section, tables, notes }) => [
      "",
      `== ${section}`,
      ...tables.flatMap(printTable),
      ...notes.map((note) => `note: ${note}`),
    ]),
  ];
}

function describe({ processor, cores, memoryGb, system, node, mariadb, load }: Machine): string {
  return `${processor}, ${cores} cores, ${memoryGb} GB, ${system}, Node ${node}, MariaDB ${mariadb}; load at the start ${load}`;
}

function ratioCells(ratio: Ratio): readonly string[] {
  const { name, value, unit = "times", goal } = ratio;
  const shown = unit === "times" ? `${format(value)} x` : `${format(value)} ${unit}`;
  const wanted = goal === undefined ? "" : "atLeast" in goal ? `at least ${goal.atLeast}` : `at most ${goal.atMost}`;
  const reached = isReached(ratio);
  return [name, shown, wanted, reached === undefined ? "" : reached ? "reached" : "NOT REACHED"];
}

function printTable({ title, columns, rows }: Table): readonly string[] {
  return ["", title, ...alignedRows([columns, ...rows.map((row) => row.map(cell))])];
}

function cell(value: string | number): string {
  return typeof value === "number" ? format(value) : value;
}

/** Three digits that count, thousands apart. */
export function format(value: number): string {
  if (Number.isInteger(value) || Math.abs(value) >= 100) return Math.round(value).toLocaleString("en-US");
  return String(Number(value.toPrecision(3)));
}

function alignedRows(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = rows.reduce<readonly number[]>(
    (widest, row) => row.map((text, column) => Math.max(text.length, widest[column] ?? 0)),
    [],
  );
  return rows.map((row) =>
    row
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
