/** The clock in a statement: calls such as `NOW() - INTERVAL 30 DAY`, and the bounds of what they can have given. */
import type { ClockOperand, Interval } from "./operands";
import { addMonths, formatDatetime, startOfDay, zoneSpanMs } from "./temporal";

/** The earliest and latest UTC instant at which a statement can have run. */
export interface ClockBounds {
  readonly earliestMs: number;
  readonly latestMs: number;
}

export interface Range {
  readonly low: string;
  readonly high: string;
}

/** What a clock operand is compared with. */
export type ClockPartner = "datetime" | "timestamp" | "number";

/** A change of summer time, which moves local time but not a TIMESTAMP. Three hours leave room for odd ones. */
export const clockChangeMs = 3 * 3_600_000;

/** Bounds of the operand, inclusive; `undefined` when the two cannot be compared or the result is out of range. */
export function clockRange(clock: ClockOperand, bounds: ClockBounds, partner: ClockPartner): Range | undefined {
  if ((clock.scale === "unix") !== (partner === "number")) return undefined;
  if (clock.scale === "unix") return unixRange(clock, bounds);
  const zone = clock.scale === "local" ? zoneSpanMs : 0;
  if (partner === "datetime") return formatRange(clock, bounds.earliestMs - zone, bounds.latestMs + zone, 0);
  // A TIMESTAMP and NOW() are in the same zone, so that the zone hardly matters unless an interval crosses days in it.
  if (clock.scale === "local" && clock.shifts.length === 0 && !clock.dateOnly) {
    return formatRange(clock, bounds.earliestMs, bounds.latestMs, clockChangeMs);
  }
  return formatRange(clock, bounds.earliestMs - zone, bounds.latestMs + zone, zoneSpanMs);
}

function unixRange(clock: ClockOperand, bounds: ClockBounds): Range | undefined {
  let shift = 0;
  for (const { amount } of clock.shifts) shift += amount;
  const low = Math.floor((bounds.earliestMs - clock.marginMs) / 1000) + shift;
  const high = Math.ceil((bounds.latestMs + clock.marginMs) / 1000) + shift;
  return Number.isSafeInteger(low) && Number.isSafeInteger(high) ? { low: String(low), high: String(high) } : undefined;
}

function formatRange(clock: ClockOperand, earliestMs: number, latestMs: number, marginMs: number): Range | undefined {
  const low = formatDatetime(shifted(clock, earliestMs) - marginMs - clock.marginMs, "down");
  const high = formatDatetime(shifted(clock, latestMs) + marginMs + clock.marginMs, "up");
  return low === undefined || high === undefined ? undefined : { low, high };
}

/** Every shift keeps the order of instants, so shifting the bounds gives the bounds of the shifted. */
function shifted(clock: ClockOperand, epochMs: number): number {
  let at = clock.dateOnly ? startOfDay(epochMs) : epochMs;
  for (const interval of clock.shifts) {
    if (interval.unit === "month") at = addMonths(at, interval.amount);
    else at += interval.unit === "second" ? interval.amount * 1000 : interval.amount / 1000;
  }
  return at;
}

const daySeconds = 86_400;

const unitScales: ReadonlyMap<string, readonly [Interval["unit"], number]> = new Map([
  ["microsecond", ["microsecond", 1]],
  ["second", ["second", 1]],
  ["minute", ["second", 60]],
  ["hour", ["second", 3600]],
  ["day", ["second", daySeconds]],
  ["week", ["second", 7 * daySeconds]],
  ["month", ["month", 1]],
  ["quarter", ["month", 3]],
  ["year", ["month", 12]],
]);

const maximumAmount = 1_000_000_000;

/** `undefined` for units of two parts and amounts that no one means. */
export function makeInterval(digits: string, unit: string, sign: 1 | -1): Interval | undefined {
  const scale = unitScales.get(unit.toLowerCase());
  if (scale === undefined || !/^-?\d{1,10}$/u.test(digits)) return undefined;
  const amount = Number(digits) * scale[1] * sign;
  return Math.abs(amount) <= maximumAmount * daySeconds ? { amount, unit: scale[0] } : undefined;
}
