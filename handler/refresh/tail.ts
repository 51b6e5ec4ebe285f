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
import { sourceTable, type RoutePlan } from "../routes/plan";
import type { Session } from "../sql/connection";
import { identifier, text } from "../sql/text";
import type { OpenTransactions } from "../source/openTransactions";
import type { KeyText } from "./keys";
import { restrict } from "./rows";

/** Milliseconds between a sample and the view of open transactions that counts for it. */
const marginMs = 3_000;
const maximumGaps = 500;
const maximumSamples = 8;
/** Rows above `high` that one call reads at most. */
const tailSliceRows = 4_000;

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
  const merged = [...gaps].sort((a, b) => (a.from < b.from ? -1 : 1));
  while (merged.length > maximumGaps) {
    let closest = 1;
    for (let index = 2; index < merged.length; index++) {
      if (distance(merged, index) < distance(merged, closest)) closest = index;
    }
    const [left, right] = merged.slice(closest - 1, closest + 1);
    if (left === undefined || right === undefined) break;
    merged.splice(closest - 1, 2, { from: left.from, to: right.to });
  }
  return merged;
}

function distance(gaps: readonly Gap[], index: number): bigint {
  return (gaps[index]?.from ?? 0n) - (gaps[index - 1]?.to ?? 0n);
}

function addSample(samples: readonly Sample[], key: bigint, nowMs: number): readonly Sample[] {
  const last = samples.at(-1);
  const tooSoon = last !== undefined && nowMs - last.atMs < 1_000;
  if (tooSoon || last?.key === key || samples.length >= maximumSamples) return samples;
  return [...samples, { key, atMs: nowMs, horizon: undefined }];
}

export interface FollowedTail {
  readonly tail: Tail;
  /** The rows were read up to a bound only. */
  readonly more: boolean;
}

/**
 * Refreshes the rows of new keys in the current transaction of `target`, which holds the route's lock. `undefined`: the
 * counter went back (TRUNCATE, a restored table, a restart of MySQL 5.7), so that keys up to `high` are given out once
 * more and the route has to be started again.
 */
export async function followTail(
  plan: RoutePlan,
  source: Session,
  tail: Tail,
  refresh: (keys: readonly KeyText[]) => Promise<void>,
): Promise<FollowedTail | undefined> {
  const { next, atMs } = await readCounter(plan, source);
  if (next <= tail.high) return undefined;
  const column = identifier(plan.source.autoIncrementKey ?? "");
  const upTo = await boundary(plan, source, tail.high, next - 1n);
  const ranges = tail.gaps.map(({ from, to }) => `${column} BETWEEN ${from} AND ${to}`);
  if (upTo > tail.high) ranges.push(`${column} BETWEEN ${tail.high + 1n} AND ${upTo}`);
  if (ranges.length === 0) return { tail, more: false };
  const rows = await source.rows(
    `SELECT ${column} FROM ${sourceTable(plan)} WHERE ${restrict(plan, `(${ranges.join(" OR ")})`)}`,
    `reading new keys of ${plan.id}`,
  );
  const keys = rows.map(([key]) => BigInt(key?.toString("latin1") ?? "0"));
  await refresh(keys.map(String));
  return { tail: advanceTail(tail, upTo, keys, atMs), more: upTo < next - 1n };
}

/** The highest key to read in this slice. */
async function boundary(plan: RoutePlan, source: Session, high: bigint, last: bigint): Promise<bigint> {
  if (last - high <= BigInt(tailSliceRows)) return last;
  const column = identifier(plan.source.autoIncrementKey ?? "");
  const rows = await source.rows(
    `SELECT ${column} FROM ${sourceTable(plan)} WHERE ${column} > ${high} AND ${column} <= ${last}
     ORDER BY ${column} LIMIT 1 OFFSET ${tailSliceRows - 1}`,
    `reading new keys of ${plan.id}`,
  );
  const bound = rows[0]?.[0]?.toString("latin1");
  return bound === undefined ? last : BigInt(bound);
}

/** A tail that begins now: everything that has been given out is somebody else's to copy. */
export async function startTail(plan: RoutePlan, source: Session): Promise<Tail> {
  const { next } = await readCounter(plan, source);
  return { high: next - 1n, gaps: [], samples: [] };
}

/** The key that the next INSERT will get, and a time that is not before it was read. */
async function readCounter(plan: RoutePlan, source: Session): Promise<{ next: bigint; atMs: number }> {
  const { database, table } = plan.source.name;
  const column = identifier(plan.source.autoIncrementKey ?? "");
  const rows = await source.rows(
    `SELECT AUTO_INCREMENT, UNIX_TIMESTAMP(SYSDATE(6)) FROM information_schema.TABLES
     WHERE TABLE_SCHEMA = ${text(database)} AND TABLE_NAME = ${text(table)}`,
    `reading the next key of ${plan.id}`,
  );
  const [counter, at] = rows[0] ?? [];
  const atMs = Math.ceil(Number(at?.toString("latin1") ?? "0") * 1_000);
  if (counter !== null && counter !== undefined) return { next: BigInt(counter.toString("latin1")), atMs };
  // MySQL shows none for a table into which nothing was ever inserted.
  const highest = await source.rows(
    `SELECT COALESCE(MAX(${column}), 0) FROM ${sourceTable(plan)}`,
    `reading the highest key of ${plan.id}`,
  );
  const max = BigInt(highest[0]?.[0]?.toString("latin1") ?? "0");
  return { next: max > 0n ? max + 1n : 1n, atMs };
}
