/**
 * Rows that INSERTs made under AUTO_INCREMENT keys which their text cannot name.
 *
 * Every key up to `high` had been given out when the rows were last read, and what could be seen has been copied. A key at
 * or below it may still appear: its transaction was open. So the keys that were absent are kept as `gaps` and read again,
 * until no transaction can fill them: a sample of `high` is safe once every transaction that was open a margin after the
 * sample has ended, because a key is given out a moment before its transaction is registered. Then the gaps at or below the
 * sample are over.
 *
 * `high` follows the table's counter and not its highest key: an UPDATE may move a key beyond the counter, which then
 * comes up to it from below. All times are the source's, as functions need not agree on one.
 */
import * as v from "valibot";
import { SyncError } from "../errors";
import type { OpenTransactions } from "../source/openTransactions";

/** Milliseconds between a sample and the view of open transactions that counts for it. */
const marginMs = 3_000;
const maximumGaps = 500;
const maximumSamples = 8;

const digits = v.pipe(v.string(), v.regex(/^-?\d+$/u));
const tailSchema = v.object({
  high: digits,
  gaps: v.array(v.tuple([digits, digits])),
  /** `horizon`: the highest transaction id that was open a margin after the sample; `null`: not yet looked. */
  samples: v.array(v.object({ key: digits, atMs: v.number(), horizon: v.nullable(digits) })),
});
type StoredTail = v.InferOutput<typeof tailSchema>;

export interface Gap {
  readonly from: bigint;
  readonly to: bigint;
}

export interface Sample {
  readonly key: bigint;
  readonly atMs: number;
  readonly horizon: bigint | undefined;
}

export interface Tail {
  readonly high: bigint;
  readonly gaps: readonly Gap[];
  readonly samples: readonly Sample[];
}

export function parseTail(stored: unknown, route: string): Tail {
  const parsed = v.safeParse(tailSchema, stored);
  if (!parsed.success) throw new SyncError("UNEXPECTED", `the stored tail of ${route} is not one of the sync's`);
  const { high, gaps, samples } = parsed.output;
  return {
    high: BigInt(high),
    gaps: gaps.map(([from, to]) => ({ from: BigInt(from), to: BigInt(to) })),
    samples: samples.map(({ key, atMs, horizon }) => ({
      key: BigInt(key),
      atMs,
      horizon: horizon === null ? undefined : BigInt(horizon),
    })),
  };
}

export function formatTail({ high, gaps, samples }: Tail): StoredTail {
  return {
    high: String(high),
    gaps: gaps.map(({ from, to }) => [String(from), String(to)]),
    samples: samples.map(({ key, atMs, horizon }) => ({
      key: String(key),
      atMs,
      horizon: horizon === undefined ? null : String(horizon),
    })),
  };
}

/** Drops the gaps that no transaction can fill any more. The rows are read after `open` was seen. */
export function settleTail(tail: Tail, { transactions, seenAtMs }: OpenTransactions): Tail {
  const ids = transactions.map(({ transactionId }) => transactionId);
  const highest = ids.reduce((a, b) => (b > a ? b : a), 0n);
  let safe: bigint | undefined;
  const samples: Sample[] = [];
  for (const sample of tail.samples) {
    // An older view, of an invocation that took long, says nothing about the sample.
    const counts = seenAtMs - sample.atMs >= marginMs;
    const horizon = sample.horizon ?? (counts ? highest : undefined);
    if (counts && horizon !== undefined && !ids.some((id) => id <= horizon)) {
      safe = safe === undefined || sample.key > safe ? sample.key : safe;
    } else {
      samples.push({ ...sample, horizon });
    }
  }
  if (safe === undefined) return { ...tail, samples };
  const floor = safe;
  return {
    high: tail.high,
    gaps: tail.gaps
      .filter(({ to }) => to > floor)
      .map(({ from, to }) => ({ from: from > floor ? from : floor + 1n, to })),
    samples,
  };
}

/**
 * The tail after the rows in its gaps and up to `upTo` were read: `keys` are those that were there. Rows outside the
 * route's filter were not seen and stay gaps, which is safe.
 */
export function advanceTail(tail: Tail, upTo: bigint, keys: readonly bigint[], atMs: number): Tail {
  const high = upTo > tail.high ? upTo : tail.high;
  const unseen = high > tail.high ? [...tail.gaps, { from: tail.high + 1n, to: high }] : tail.gaps;
  const sorted = [...keys].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const gaps = mergeGaps(unseen.flatMap((gap) => splitGap(gap, sorted)));
  return { high, gaps, samples: gaps.length === 0 ? [] : addSample(tail.samples, high, atMs) };
}

/** `filled` ascends. */
function splitGap(gap: Gap, filled: readonly bigint[]): Gap[] {
  const parts: Gap[] = [];
  let from = gap.from;
  for (let index = firstAtLeast(filled, gap.from); index < filled.length; index++) {
    const key = filled[index] ?? 0n;
    if (key > gap.to) break;
    if (key > from) parts.push({ from, to: key - 1n });
    from = key + 1n;
  }
  if (from <= gap.to) parts.push({ from, to: gap.to });
  return parts;
}

function firstAtLeast(ascending: readonly bigint[], wanted: bigint): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] ?? 0n) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Keeps the state small: the closest gaps become one, which only means that rows between them are read again. */
function mergeGaps(gaps: readonly Gap[]): readonly Gap[] {
  const ascending = [...gaps].sort((a, b) => (a.from < b.from ? -1 : 1));
  if (ascending.length <= maximumGaps) return ascending;
  const apart = ascending.slice(1).map((gap, index) => gap.from - (ascending[index]?.to ?? 0n));
  const least = [...apart].sort((a, b) => (a > b ? -1 : a < b ? 1 : 0))[maximumGaps - 1] ?? 0n;
  const merged: { from: bigint; to: bigint }[] = [];
  for (const [index, { from, to }] of ascending.entries()) {
    const last = merged.at(-1);
    if (last === undefined || (apart[index - 1] ?? 0n) > least) merged.push({ from, to });
    else last.to = to;
  }
  return merged;
}

function addSample(samples: readonly Sample[], key: bigint, nowMs: number): readonly Sample[] {
  const last = samples.at(-1);
  const tooSoon = last !== undefined && nowMs - last.atMs < 1_000;
  if (tooSoon || last?.key === key || samples.length >= maximumSamples) return samples;
  return [...samples, { key, atMs: nowMs, horizon: undefined }];
}
