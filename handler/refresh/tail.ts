/**
 * Rows that INSERTs made under AUTO_INCREMENT keys which their text cannot name.
 *
 * Everything up to `high` that could be seen has been copied. A key at or below it may still appear: its transaction was
 * open. So the keys between that were absent are kept as `gaps` and read again, until no transaction can fill them: a
 * sample of the highest key is safe once every transaction that was open a margin after the sample has ended, because a
 * key is given out a moment before its transaction is registered. Then the gaps at or below the sample are over.
 */
import * as v from "valibot";
import { SyncError } from "../errors";
import { sourceTable, type RoutePlan } from "../routes/plan";
import type { Session } from "../sql/connection";
import { identifier, text, type SqlText } from "../sql/text";
import type { OpenTransaction } from "../source/openTransactions";
import type { KeyText } from "./keys";
import { copyRows, hasOtherUniqueKeys, refreshKeys, restrict } from "./refresh";

/** Milliseconds between a sample and the view of open transactions that counts for it. */
const marginMs = 3_000;
const maximumGaps = 500;
const maximumSamples = 8;
/** Rows that one call copies at most. */
export const tailSliceRows = 5_000;

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

/** Drops the gaps that no transaction can fill any more. `open` was seen at `nowMs`, before the rows are read. */
export function settleTail(tail: Tail, open: readonly OpenTransaction[], nowMs: number): Tail {
  const ids = open.map(({ transactionId }) => transactionId);
  const highest = ids.reduce((a, b) => (b > a ? b : a), 0n);
  let safe: bigint | undefined;
  const samples: Sample[] = [];
  for (const sample of tail.samples) {
    const horizon = sample.horizon ?? (nowMs - sample.atMs >= marginMs ? highest : undefined);
    if (horizon !== undefined && !ids.some((id) => id <= horizon)) {
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

/** The tail after rows with `keys` (ascending, each above `high` or in a gap) were copied. */
export function advanceTail(tail: Tail, keys: readonly bigint[], nowMs: number): Tail {
  const below = keys.filter((key) => key <= tail.high);
  const above = keys.filter((key) => key > tail.high);
  const gaps = tail.gaps.flatMap((gap) => splitGap(gap, below));
  let high = tail.high;
  for (const key of above) {
    if (key > high + 1n) gaps.push({ from: high + 1n, to: key - 1n });
    high = key;
  }
  return { high, gaps: mergeGaps(gaps), samples: addSample(tail.samples, high, nowMs) };
}

function splitGap(gap: Gap, filled: readonly bigint[]): Gap[] {
  const parts: Gap[] = [];
  let from = gap.from;
  for (const key of filled) {
    if (key < from || key > gap.to) continue;
    if (key > from) parts.push({ from, to: key - 1n });
    from = key + 1n;
  }
  if (from <= gap.to) parts.push({ from, to: gap.to });
  return parts;
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

/**
 * Copies new rows in the current transaction of `target`, which holds the route's lock.
 * Returns the tail after it, the keys of the rows that were refreshed, and whether there may be more.
 */
export async function refreshTail(
  plan: RoutePlan,
  source: Session,
  target: Session,
  tail: Tail,
  nowMs: number,
): Promise<{ tail: Tail; written: number; keys: readonly KeyText[]; more: boolean }> {
  const column = identifier(plan.source.autoIncrementKey ?? "");
  const gaps = tail.gaps.map(({ from, to }) => `${column} BETWEEN ${from} AND ${to}`);
  const keys: bigint[] = [];
  const refreshed: KeyText[] = [];
  const copy = async (where: SqlText): Promise<void> => {
    const copied = await copyNewRows(plan, source, target, where);
    for (const key of copied.keys) keys.push(key);
    for (const key of copied.refreshed) refreshed.push(key);
  };
  if (gaps.length > 0) await copy(`(${gaps.join(" OR ")})`);
  const bounds = await upperBound(plan, source, column, tail.high);
  if (bounds.upTo !== undefined) {
    const range = `${column} > ${tail.high} AND ${column} <= ${bounds.upTo}`;
    await copy(range);
  }
  keys.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const advanced = advanceTail(tail, keys, nowMs);
  // Rows outside the route's filter were not seen but exist: reading up to the bound leaves them as gaps, which is safe.
  const passed = bounds.upTo !== undefined && bounds.upTo > advanced.high ? widen(advanced, bounds.upTo) : advanced;
  return {
    tail: bounds.reset ? startOfTail : passed,
    written: keys.length,
    keys: refreshed,
    more: bounds.more || bounds.reset,
  };
}

/** Nothing is known to be copied: after a TRUNCATE, say, the same keys are given out once more. */
export const startOfTail: Tail = { high: 0n, gaps: [], samples: [] };

/** An upsert would overwrite another row that holds the same unique value, so such tables go through `refreshKeys`. */
async function copyNewRows(
  plan: RoutePlan,
  source: Session,
  target: Session,
  where: SqlText,
): Promise<{ keys: readonly bigint[]; refreshed: readonly KeyText[] }> {
  const keys: bigint[] = [];
  const seen = (key: Buffer | null | undefined): void => {
    keys.push(BigInt(key?.toString("latin1") ?? "0"));
  };
  if (!hasOtherUniqueKeys(plan)) {
    await copyRows(plan, source, target, where, true, (row) => {
      seen(row[plan.keyPositions[0] ?? 0]);
    });
    return { keys, refreshed: keys.map(String) };
  }
  const column = identifier(plan.source.autoIncrementKey ?? "");
  const rows = await source.rows(
    `SELECT ${column} FROM ${sourceTable(plan)} WHERE ${restrict(plan, where)}`,
    `reading new keys of ${plan.id}`,
  );
  for (const [key] of rows) seen(key);
  const { keys: refreshed } = await refreshKeys(plan, source, target, keys.map(String));
  return { keys, refreshed };
}

function widen(tail: Tail, high: bigint): Tail {
  return { ...tail, gaps: mergeGaps([...tail.gaps, { from: tail.high + 1n, to: high }]), high };
}

/** The highest key to read in this slice; `reset`: keys up to `high` are being given out once more. */
async function upperBound(
  plan: RoutePlan,
  source: Session,
  column: SqlText,
  high: bigint,
): Promise<{ upTo: bigint | undefined; more: boolean; reset: boolean }> {
  const rows = await source.rows(
    `SELECT ${column} FROM ${sourceTable(plan)} WHERE ${column} > ${high} ORDER BY ${column} LIMIT 1 OFFSET ${tailSliceRows - 1}`,
    `reading new keys of ${plan.id}`,
  );
  const full = rows[0]?.[0]?.toString("latin1");
  if (full !== undefined) return { upTo: BigInt(full), more: true, reset: false };
  const highest = await highestKey(plan, source);
  if (highest >= high) return { upTo: highest > high ? highest : undefined, more: false, reset: false };
  // Either the last rows were deleted, or the counter itself went back (a restart of MySQL 5.7, a restored table).
  return { upTo: undefined, more: false, reset: (await nextKey(plan, source)) <= high };
}

/** The key that the next INSERT will get. */
async function nextKey(plan: RoutePlan, source: Session): Promise<bigint> {
  const { database, table } = plan.source.name;
  const rows = await source.rows(
    `SELECT AUTO_INCREMENT FROM information_schema.TABLES
     WHERE TABLE_SCHEMA = ${text(database)} AND TABLE_NAME = ${text(table)}`,
    `reading the next key of ${plan.id}`,
  );
  return BigInt(rows[0]?.[0]?.toString("latin1") ?? "0");
}

/** MAX(key) at the source; 0 for an empty table. */
export async function highestKey(plan: RoutePlan, source: Session): Promise<bigint> {
  const rows = await source.rows(
    `SELECT MAX(${identifier(plan.source.autoIncrementKey ?? "")}) FROM ${sourceTable(plan)}`,
    `reading the highest key of ${plan.id}`,
  );
  return BigInt(rows[0]?.[0]?.toString("latin1") ?? "0");
}
