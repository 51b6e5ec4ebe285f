import { type RunResult } from "../report";
import { count, duration, type Palette } from "./drawing";

/** The table at the end, one string for each line. */
export function drawResult(result: RunResult, problems: readonly string[], palette: Palette): readonly string[] {
  const rows = result.targets.flatMap(({ name, tables }) =>
    tables.map(({ source, target, rows, differences }) => ({
      cells: [name, source, target, count(rows, 0), count(differences, 0)],
      equal: differences === 0,
    })),
  );
  const head = ["target", "source table", "target table", "rows", "differences"];
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map(({ cells }) => (cells[column] ?? "").length)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => (column < 3 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join("  ");
  return [
    "",
    `  ${palette.dim(line(head))}`,
    ...rows.map(
      ({ cells, equal }) => `  ${line(cells)}  ${equal ? palette.good("✔ equal") : palette.bad("✘ different")}`,
    ),
    "",
    ...result.targets.map((target) => `  ${describeTarget(target)}`),
    `  ${describeRun(result)}`,
    "",
    ...problems.map((problem) => `  ${palette.bad(problem)}`),
    result.inSync
      ? palette.good("  Source and targets are equal.")
      : palette.bad("  Source and targets are not in sync."),
  ];
}

function describeTarget({ name, rowsWritten, rowsDeleted, lagMs }: RunResult["targets"][number]): string {
  const lag = `lag ${duration(lagMs.p50)} (p50), ${duration(lagMs.p99)} (p99)`;
  return `${name}: ${count(rowsWritten, 0)} rows written, ${count(rowsDeleted, 0)} deleted, ${lag}`;
}

function describeRun(result: RunResult): string {
  const { statements, failedStatements, records, invocations, retries, touches, dead, seconds } = result;
  const kinds = `${count(touches.keys, 0)} by key, ${count(touches.where, 0)} by predicate, ${count(touches.tail, 0)} tails, ${count(touches.all, 0)} whole tables`;
  return [
    `${count(statements, 0)} statements (${count(failedStatements, 0)} failed)`,
    `${count(records, 0)} audit records`,
    `${count(invocations, 0)} invocations (${count(retries, 0)} retries)`,
    `touches: ${kinds}`,
    `${count(dead, 0)} dead`,
    `${seconds.toFixed(1)} s`,
  ].join(", ");
}
