/** The live view as text: pure functions of snapshots. */
import { type Snapshot, type TargetSnapshot } from "./snapshot";

const bars = "▁▂▃▄▅▆▇█";
const spinner = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏";

export const plain = (text: string): string => text;

export interface Palette {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
}

export const noColours: Palette = { bold: plain, dim: plain, good: plain, bad: plain };

const coloured =
  (code: number) =>
  (text: string): string =>
    `\u001b[${code}m${text}\u001b[0m`;

export const colours: Palette = { bold: coloured(1), dim: coloured(2), good: coloured(32), bad: coloured(31) };

/** A frame of the live view, one string for each line. `rates` are statements per second, the latest last. */
export function drawFrame(
  snapshot: Snapshot,
  rates: readonly number[],
  frame: number,
  palette: Palette,
): readonly string[] {
  const { phase, seconds, share, statements, records, targets } = snapshot;
  const mark = spinner[frame % spinner.length] ?? "";
  const progress =
    share === undefined ? "" : ` ${progressBar(share, 24)} ${String(Math.floor(share * 100)).padStart(3)} %`;
  const width = Math.max(9, ...targets.map(({ name }) => name.length));
  return [
    `${palette.bold("audit-sync")} ${palette.dim("from the audit log of one database to equal rows in others")}`,
    "",
    `  ${"source".padEnd(width)}  ${count(statements, 7)} statements  ${count(records, 7)} records   ${palette.dim(sparkline(rates))} ${palette.dim(`${count(Math.round(rates.at(-1) ?? 0), 1)}/s`)}`,
    ...targets.map((target) => targetLine(target, width, palette)),
    "",
    `  ${mark} ${phase}${progress}  ${palette.dim(`${seconds.toFixed(0)} s`)}`,
  ];
}

function targetLine(target: TargetSnapshot, width: number, palette: Palette): string {
  const { name, rowsWritten, rowsDeleted, behind, lagMs, retries } = target;
  const lag = lagMs === undefined ? "" : `lag ${duration(lagMs)}`;
  const again = retries === 0 ? "" : palette.dim(`${retries} retried`);
  const state = behind === 0 ? palette.good("✔ up to date") : `${count(behind, 3)} to apply`;
  return `  ${palette.bold(name.padEnd(width))}  ${count(rowsWritten, 7)} written     ${count(rowsDeleted, 7)} deleted   ${lag.padEnd(11)} ${state} ${again}`.trimEnd();
}

/** The same as one line, for logs. */
export function describeSnapshot({ phase, seconds, share, statements, records, targets }: Snapshot): string {
  const progress = share === undefined ? "" : ` ${Math.floor(share * 100)} %`;
  const each = targets.map(
    ({ name, rowsWritten, rowsDeleted, behind, lagMs }) =>
      `${name}: ${rowsWritten} written, ${rowsDeleted} deleted, ${behind} behind${lagMs === undefined ? "" : `, lag ${duration(lagMs)}`}`,
  );
  return [
    `${seconds.toFixed(0).padStart(4)} s  ${phase}${progress}: ${statements} statements, ${records} records`,
    ...each,
  ].join("; ");
}

export function progressBar(share: number, width: number): string {
  const full = Math.round(share * width);
  return "█".repeat(full) + "░".repeat(width - full);
}

export function sparkline(values: readonly number[]): string {
  const top = Math.max(1, ...values);
  return values.map((value) => bars[Math.min(bars.length - 1, Math.floor((value / top) * bars.length))] ?? "").join("");
}

export function duration(milliseconds: number): string {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}

export function count(value: number, width: number): string {
  return value.toLocaleString("en-US").padStart(width);
}
