/** Dates and times as text: which forms mean the same in every session, and how far a time zone can move them. */

const datePattern = /^(\d{4})-(\d{2})-(\d{2})$/u;
const datetimePattern = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}):(\d{2}):(\d{2})(\.\d{1,6})?$/u;
const timePattern = /^-?(\d{2,3}):(\d{2}):(\d{2})(?:\.\d{1,6})?$/u;

export interface CanonicalTime {
  /** `2024-01-31` or `2024-01-31 12:00:00.5`. */
  readonly text: string;
  readonly dateOnly: boolean;
  /** As if it were UTC. */
  readonly epochMs: number;
}

/**
 * Reads a date or date and time that exists in the calendar. Everything else (zero dates, two-digit years, days that a
 * month does not have) means different things under different modes.
 */
export function readCanonicalTime(text: string): CanonicalTime | undefined {
  const split = datetimePattern.exec(text);
  const date = split?.[1] ?? text;
  const [, year, month, day] = datePattern.exec(date) ?? [];
  if (year === undefined || month === undefined || day === undefined) return undefined;
  const [hour, minute, second] = [Number(split?.[2] ?? 0), Number(split?.[3] ?? 0), Number(split?.[4] ?? 0)];
  if (Number(year) < 1000 || hour > 23 || minute > 59 || second > 59) return undefined;
  const midnight = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  if (midnight.toISOString().slice(0, 10) !== date) return undefined;
  return {
    text: split === null ? date : `${date} ${split[2] ?? ""}:${split[3] ?? ""}:${split[4] ?? ""}${split[5] ?? ""}`,
    dateOnly: split === null,
    epochMs: midnight.getTime() + ((hour * 60 + minute) * 60 + second) * 1000,
  };
}

/** `HH:MM:SS[.f]` within the range of TIME. */
export function isCanonicalTimeOfDay(text: string): boolean {
  const [, hours, minutes, seconds] = timePattern.exec(text) ?? [];
  return hours !== undefined && Number(hours) <= 837 && Number(minutes) <= 59 && Number(seconds) <= 59;
}

const hourMs = 3_600_000;
/** No zone's local time is further from UTC: -13:59 and +14:00 are the limits of time_zone. */
export const zoneSpanMs = 14 * hourMs;

const earliestYear = 1000;
const latestYear = 9999;

/** A UTC instant as a DATETIME literal, rounded down or up to a second; `undefined` outside the range of DATETIME. */
export function formatDatetime(epochMs: number, round: "down" | "up"): string | undefined {
  const seconds = round === "down" ? Math.floor(epochMs / 1000) : Math.ceil(epochMs / 1000);
  const date = new Date(seconds * 1000);
  const year = date.getUTCFullYear();
  if (Number.isNaN(year) || year < earliestYear || year > latestYear) return undefined;
  return date.toISOString().slice(0, 19).replace("T", " ");
}

/** Adds months as the servers do: a day that the month does not have becomes its last one. */
export function addMonths(epochMs: number, months: number): number {
  const date = new Date(epochMs);
  const first = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1));
  const lastDay = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate();
  const day = Math.min(date.getUTCDate(), lastDay);
  return first.getTime() + (day - 1) * 24 * hourMs + (epochMs - startOfDay(epochMs));
}

export function startOfDay(epochMs: number): number {
  return Math.floor(epochMs / (24 * hourMs)) * 24 * hourMs;
}
