/** Calls and words that read the clock. */
import { clockChangeMs, makeInterval } from "./clock";
import { shiftColumn } from "./clockDistance";
import { unknownOperand, type ClockOperand, type Interval, type Operand } from "./operands";

const local = { kind: "clock", scale: "local", dateOnly: false, shifts: [], marginMs: 0 } as const;
const utc = { kind: "clock", scale: "utc", dateOnly: false, shifts: [], marginMs: 0 } as const;

const clocks: ReadonlyMap<string, ClockOperand> = new Map<string, ClockOperand>([
  ...["now", "current_timestamp", "localtime", "localtimestamp", "sysdate"].map((name) => [name, local] as const),
  ...["curdate", "current_date"].map((name) => [name, { ...local, dateOnly: true }] as const),
  ["utc_timestamp", utc],
  ["utc_date", { ...utc, dateOnly: true }],
  ["unix_timestamp", { kind: "clock", scale: "unix", dateOnly: false, shifts: [], marginMs: 0 }],
]);

const withoutParentheses = new Set([
  "current_timestamp",
  "localtime",
  "localtimestamp",
  "current_date",
  "utc_timestamp",
  "utc_date",
]);

/** The clock that a word without parentheses reads. */
export function clockWord(name: string): ClockOperand | undefined {
  return withoutParentheses.has(name) ? clocks.get(name) : undefined;
}

/** The clock that a call reads: `NOW()`, `NOW(6)`, `DATE(NOW())`. */
export function clockCall(name: string, operands: readonly Operand[]): ClockOperand | undefined {
  const [first] = operands;
  if (name === "date" && first?.kind === "clock" && first.scale !== "unix" && first.shifts.length === 0) {
    return { ...first, dateOnly: true };
  }
  const clock = clocks.get(name);
  if (clock === undefined || first === undefined) return clock;
  if (name === "unix_timestamp") return operands.length === 1 ? unixTimeOf(first) : undefined;
  const isFraction = first.kind === "literal" && first.form === "integer" && operands.length === 1;
  return isFraction && clock.scale !== "unix" && !clock.dateOnly ? clock : undefined;
}

/** `UNIX_TIMESTAMP(NOW() - INTERVAL 1 DAY)`: there and back through the same zone, but for a change of summer time. */
function unixTimeOf(operand: Operand): ClockOperand | undefined {
  if (operand.kind !== "clock" || operand.scale !== "local" || operand.dateOnly) return undefined;
  // Months differ in length; what the clock does with them is done to the bounds, not to seconds.
  if (operand.shifts.some(({ unit }) => unit === "month")) return undefined;
  const shifts = operand.shifts.map(({ amount, unit }): Interval => ({
    amount: unit === "microsecond" ? Math.round(amount / 1_000_000) : amount,
    unit: "second",
  }));
  return { ...operand, scale: "unix", shifts, marginMs: operand.marginMs + clockChangeMs };
}

export function isClockName(name: string): boolean {
  return clocks.has(name);
}

/** `operand + INTERVAL ..`, of the clock or of a column. */
export function shiftTime(operand: Operand, interval: Interval | undefined): Operand {
  if (interval === undefined) return unknownOperand;
  if (operand.kind !== "clock") return shiftColumn(operand, interval);
  if (operand.scale === "unix") return unknownOperand;
  return { ...operand, shifts: [...operand.shifts, interval] };
}

/** `UNIX_TIMESTAMP() - 3600`. */
export function shiftUnixTime(operand: Operand, seconds: Operand, sign: 1 | -1): Operand {
  if (operand.kind !== "clock" || operand.scale !== "unix" || seconds.kind !== "literal") return unknownOperand;
  if (seconds.form !== "integer" || seconds.literal.type !== "number") return unknownOperand;
  const interval = makeInterval(seconds.literal.text, "second", sign);
  return interval === undefined ? unknownOperand : { ...operand, shifts: [...operand.shifts, interval] };
}
