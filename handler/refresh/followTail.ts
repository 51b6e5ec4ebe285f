/** Copying the rows of a tail: see tail.ts for what is known of it. */
import { keyColumns, sourceTable, targetTable, type RoutePlan } from "../routes/plan";
import type { Session } from "../sql/connection";
import { identifier, text, type Value } from "../sql/text";
import { keyIn, type KeyText } from "./keys";
import { restrict, type Sides } from "./rows";
import { advanceTail, type Tail } from "./tail";

export interface FollowedTail {
  readonly tail: Tail;
  /** The rows were read up to a bound only. */
  readonly more: boolean;
}

/**
 * Refreshes the rows of new keys in the current transaction of the target, which holds the route's lock; about `most` rows.
 * `undefined`: the counter went back (TRUNCATE, a restored table, a restart of MySQL 5.7), so that keys up to `high` are
 * given out once more and the route has to be started again.
 */
export async function followTail(
  plan: RoutePlan,
  { source, target }: Sides,
  begun: Tail,
  most: number,
  refresh: (keys: readonly KeyText[]) => Promise<void>,
): Promise<FollowedTail | undefined> {
  const { next, atMs } = await readCounter(plan, source);
  if (next <= begun.high) return undefined;
  let tail = begun;
  let after: bigint | undefined;
  for (let refreshed = 0; refreshed < most;) {
    const keys = await unseenKeys(plan, source, tail, { after, upTo: next - 1n }, most);
    const missing = await notCopied(plan, target, keys, begun.high);
    await refresh(missing.map(String));
    refreshed += missing.length;
    after = keys.at(-1);
    if (after === undefined || keys.length < most) {
      return { tail: advanceTail(tail, next - 1n, keys, atMs), more: false };
    }
    tail = advanceTail(tail, after, keys, atMs);
  }
  return { tail, more: true };
}

/** Keys of the source's rows that may not have been seen, ascending. */
async function unseenKeys(
  plan: RoutePlan,
  source: Session,
  { high, gaps }: Tail,
  { after, upTo }: { after: bigint | undefined; upTo: bigint },
  most: number,
): Promise<readonly bigint[]> {
  const column = identifier(plan.source.autoIncrementKey ?? "");
  const ranges = upTo > high ? [...gaps, { from: high + 1n, to: upTo }] : gaps;
  const left = ranges
    .filter(({ to }) => after === undefined || to > after)
    .map(({ from, to }) => ({ from: after === undefined || from > after ? from : after + 1n, to }));
  if (left.length === 0) return [];
  const condition = left.map(({ from, to }) => `${column} BETWEEN ${from} AND ${to}`).join(" OR ");
  const rows = await source.rows(
    `SELECT ${column} FROM ${sourceTable(plan)} WHERE ${restrict(plan, `(${condition})`)}
     ORDER BY ${column} LIMIT ${most}`,
    `reading new keys of ${plan.id}`,
  );
  return rows.map(([key]) => integerOf(key));
}

/**
 * Of these keys the ones whose rows are still to be copied. A row in a gap that the target already has was inserted and
 * copied since the gap was seen; whatever happened to it later has a record of its own. While a transaction stays open, the
 * rows between its gaps are looked at again and again, and must not be copied each time.
 */
async function notCopied(
  plan: RoutePlan,
  target: Session,
  keys: readonly bigint[],
  high: bigint,
): Promise<readonly bigint[]> {
  const inGaps = keys.filter((key) => key <= high);
  if (inGaps.length === 0) return keys;
  const [column = ""] = keyColumns(plan, "target");
  const rows = await target.rows(
    `SELECT ${column} FROM ${targetTable(plan)} WHERE ${keyIn(plan, "target", inGaps.map(String))}`,
    `looking for new keys of ${plan.id}`,
  );
  const copied = new Set(rows.map(([key]) => integerOf(key)));
  return keys.filter((key) => key > high || !copied.has(key));
}

function integerOf(bytes: Value | undefined): bigint {
  return BigInt(bytes?.toString("latin1") ?? "0");
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
