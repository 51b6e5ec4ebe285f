/** Where a command writes: tables for people or one object for scripts, and progress where somebody looks on. */
import { plain, progressBar } from "../local/view/drawing";

export interface Screen {
  /** A line for people; nothing with `--json`. */
  say(line: string): void;
  /** What went wrong, always on standard error. */
  complain(line: string): void;
  /** Redraws the lines of what goes on; nothing where nobody looks. */
  progress(lines: readonly string[]): void;
  /** Ends the redrawing and removes it. */
  clear(): void;
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly dim: (text: string) => string;
}

export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
}

const clearBelow = "\u001b[0J";

export function createScreen(options: { json: boolean; out: Output; err: Output }): Screen {
  const { json, out, err } = options;
  const seen = out.isTTY === true && !json;
  let drawn = 0;
  const clear = (): void => {
    if (drawn > 0) out.write(`\u001b[${drawn}A\r${clearBelow}`);
    drawn = 0;
  };
  const colour = (code: number): ((text: string) => string) =>
    seen ? (text) => `\u001b[${code}m${text}\u001b[0m` : plain;
  return {
    say: (line) => {
      clear();
      if (!json) out.write(`${line}\n`);
    },
    complain: (line) => {
      clear();
      err.write(`${line}\n`);
    },
    progress: (lines) => {
      if (!seen) return;
      clear();
      out.write(lines.map((line) => `${line}\n`).join(""));
      drawn = lines.length;
    },
    clear,
    good: colour(32),
    bad: colour(31),
    dim: colour(2),
  };
}

/** Columns as wide as their widest cell; numbers (columns named in `right`) to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[], right: readonly number[] = []) {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((cells) => (cells[column] ?? "").length)),
  );
  return [head, ...rows].map((cells) =>
    cells
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return right.includes(column) ? cell.padStart(width) : cell.padEnd(width);
      })
      .join("  ")
      .trimEnd(),
  );
}

const barWidth = 24;

/** `share` from 0 to 1. */
export function bar(share: number): string {
  const shown = Math.min(1, Math.max(0, share));
  return `${progressBar(shown, barWidth)} ${String(Math.floor(shown * 100)).padStart(3)} %`;
}

export function count(value: number): string {
  return value.toLocaleString("en-US");
}

export function duration(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3_600)} h` : `${Math.round(seconds / 86_400)} days`;
}
