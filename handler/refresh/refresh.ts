/**
 * The one primitive: make the target's rows of some keys equal to the source's. Idempotent, and indifferent to order.
 */
import { SyncError } from "../errors";
import { keyColumns, sourceTable, targetTable, type PlannedColumn, type RoutePlan } from "../routes/plan";
import type { Row, Session } from "../sql/connection";
import { identifier, tuple, value, type SqlText } from "../sql/text";
import { keyFromRow, keyIn, keyOfRow, type KeyText } from "./keys";

export interface Refreshed {
  readonly written: number;
  readonly deleted: number;
  /** Keys of the rows that were written, as the source has them, and of what stood in their way. */
  readonly keys: readonly KeyText[];
}

/** Bytes of row values that are gathered before they are written; one INSERT stays well under max_allowed_packet. */
const flushBytes = 1_000_000;

/**
 * Refreshes the rows of `keys` in the current transaction of `target`, which holds the route's lock.
 *
 * @throws {SyncError} ROW_REFUSED when the target refuses one of the rows; nothing is committed then.
 */
export async function refreshKeys(
  plan: RoutePlan,
  source: Session,
  target: Session,
  keys: readonly KeyText[],
): Promise<Refreshed> {
  if (keys.length === 0) return { written: 0, deleted: 0, keys: [] };
  return hasOtherUniqueKeys(plan)
    ? await replaceRows(plan, source, target, keys)
    : await upsertRows(plan, source, target, keys);
}

export function hasOtherUniqueKeys(plan: RoutePlan): boolean {
  return otherUniqueKeys(plan).length > 0 || plan.target.partialUniqueKeys;
}

/** Without other unique keys an upsert can only meet the row of its own key. */
async function upsertRows(
  plan: RoutePlan,
  source: Session,
  target: Session,
  keys: readonly KeyText[],
): Promise<Refreshed> {
  const present: KeyText[] = [];
  await copyRows(plan, source, target, keyIn(plan, "source", keys), true, (row) => present.push(keyOfRow(plan, row)));
  // Each key matches one row at most and each row one key at least, so equal counts mean that no key is without a row.
  if (present.length >= keys.length) return { written: present.length, deleted: 0, keys: present };
  const absent = `${keyIn(plan, "target", keys)} AND NOT ${keyIn(plan, "target", present)}`;
  return { written: present.length, deleted: await deleteRows(plan, target, absent), keys: present };
}

/**
 * With other unique keys, a row's new value may still be held by another row of the target. That row is stale by
 * definition (the source has one owner for the value), so it joins the refresh; swaps and cycles need every row of the
 * circle to be gone before the first one is written.
 */
async function replaceRows(
  plan: RoutePlan,
  source: Session,
  target: Session,
  keys: readonly KeyText[],
): Promise<Refreshed> {
  // Both reads must see one state: a value that moved between them would meet its old holder.
  await source.run("START TRANSACTION WITH CONSISTENT SNAPSHOT", "starting a snapshot");
  try {
    const all = await withHolders(plan, source, target, keys);
    const deleted = await deleteRows(plan, target, keyIn(plan, "target", all));
    const present: KeyText[] = [];
    await copyRows(plan, source, target, keyIn(plan, "source", all), false, (row) => present.push(keyOfRow(plan, row)));
    const written = present.length;
    return { written, deleted: Math.max(0, deleted - written), keys: [...all, ...present] };
  } finally {
    if (!source.broken) await source.run("COMMIT", "ending a snapshot");
  }
}

/** The keys and, to the end of every chain, the target's rows that hold a unique value which one of them needs. */
async function withHolders(
  plan: RoutePlan,
  source: Session,
  target: Session,
  keys: readonly KeyText[],
): Promise<readonly KeyText[]> {
  const all = new Set(keys);
  let fresh: readonly KeyText[] = keys;
  while (fresh.length > 0) {
    const conditions: SqlText[] = [];
    for (const unique of otherUniqueKeys(plan)) {
      const read = unique.map((column) => column.read).join(", ");
      const wanted = await source.rows(
        `SELECT ${read} FROM ${sourceTable(plan)} WHERE ${restrict(plan, keyIn(plan, "source", fresh))}`,
        `reading unique values of ${plan.id}`,
      );
      const values = wanted
        .filter((row) => row.every((field) => field !== null))
        .map((row) => tuple(unique.map((column, index) => value(row[index] ?? null, column.introducer))));
      const columns = tuple(unique.map((column) => identifier(column.target.name)));
      if (values.length > 0) conditions.push(`${columns} IN (${values.join(", ")})`);
    }
    if (conditions.length === 0) break;
    const holders = await target.rows(
      `SELECT ${keyColumns(plan, "target").join(", ")} FROM ${targetTable(plan)}
       WHERE (${conditions.join(" OR ")}) AND NOT ${keyIn(plan, "target", [...all])}`,
      `looking for rows that hold unique values of ${plan.id}`,
    );
    fresh = holders.map((row) => keyFromRow(plan, row)).filter((key) => !all.has(key));
    for (const key of fresh) all.add(key);
  }
  return [...all];
}

/** The target's unique keys but the one that identifies rows, where the route writes all of their columns. */
function otherUniqueKeys(plan: RoutePlan): readonly (readonly PlannedColumn[])[] {
  const own = plan.key.map((column) => column.target.name.toLowerCase()).sort();
  return [plan.target.key, ...plan.target.uniqueKeys]
    .filter(
      (names) =>
        names
          .map((name) => name.toLowerCase())
          .sort()
          .join("\0") !== own.join("\0"),
    )
    .map((names) =>
      names.map((name) => plan.columns.find((column) => column.target.name.toLowerCase() === name.toLowerCase())),
    )
    .filter(
      (columns): columns is PlannedColumn[] => columns.length > 0 && columns.every((column) => column !== undefined),
    );
}

/** Copies the source's rows that `where` selects, a bounded number of bytes at a time. */
export async function copyRows(
  plan: RoutePlan,
  source: Session,
  target: Session,
  where: SqlText,
  upsert: boolean,
  seen: (row: Row) => void,
): Promise<void> {
  const names = plan.columns.map((column) => identifier(column.target.name));
  const start = `INSERT INTO ${targetTable(plan)} (${names.join(", ")}) VALUES `;
  const end = upsert ? ` ON DUPLICATE KEY UPDATE ${names.map((name) => `${name} = VALUES(${name})`).join(", ")}` : "";
  let rows: SqlText[] = [];
  let bytes = 0;
  const flush = async (): Promise<void> => {
    const sql = start + rows.join(", ") + end;
    rows = [];
    bytes = 0;
    await target.run(sql, `writing ${plan.id}`);
  };
  const read = plan.columns.map((column) => column.read).join(", ");
  await source.each(
    `SELECT ${read} FROM ${sourceTable(plan)} WHERE ${restrict(plan, where)}`,
    `reading ${plan.id}`,
    (row) => {
      seen(row);
      const text = `(${plan.columns.map((column, index) => value(row[index] ?? null, column.introducer)).join(", ")})`;
      rows.push(text);
      bytes += text.length;
      return bytes >= flushBytes ? flush() : undefined;
    },
  );
  if (rows.length > 0) await flush();
}

export async function deleteRows(plan: RoutePlan, target: Session, where: SqlText): Promise<number> {
  const { affectedRows } = await target.run(
    `DELETE FROM ${targetTable(plan)} WHERE ${where}`,
    `deleting from ${plan.id}`,
  );
  return affectedRows;
}

/** Only rows of the route's filter exist for the target. */
export function restrict(plan: RoutePlan, where: SqlText): SqlText {
  return plan.filter === undefined ? where : `(${where}) AND ${plan.filter}`;
}

/** What a row that the target refuses is called in messages: the route and the reason, never the row. */
export function isRefused(error: unknown): error is SyncError {
  return error instanceof SyncError && error.kind === "poison";
}
