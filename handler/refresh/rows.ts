/** Reading rows at the source, writing and deleting them at the target. */
import { sourceTable, targetTable, type RoutePlan } from "../routes/plan";
import type { Row, Session } from "../sql/connection";
import type { SqlText } from "../sql/text";
import { keyIn, type KeyText } from "./keys";
import { RowWriter } from "./rowWriter";

export interface Refreshed {
  readonly written: number;
  readonly deleted: number;
  /** Of the rows that were read. */
  readonly bytes: number;
  /** Keys of the rows that were written, as the source has them, and of what stood in their way. */
  readonly keys: readonly KeyText[];
}

export interface Sides {
  readonly source: Session;
  readonly target: Session;
}

/** Copies the source's rows of some keys, a bounded number of bytes at a time. Returns the bytes of all. */
export async function copyRows(
  plan: RoutePlan,
  { source, target }: Sides,
  keys: readonly KeyText[],
  mode: "upsert" | "insert",
  seen: (row: Row) => void,
): Promise<number> {
  const writer = new RowWriter(plan, target, mode);
  let bytes = 0;
  await source.each(selectRows(plan, keys), `reading ${plan.id}`, (row) => {
    seen(row);
    bytes += bytesOf(row);
    return writer.add(row);
  });
  await writer.flush();
  return bytes;
}

export function bytesOf(row: Row): number {
  let bytes = 0;
  for (const field of row) bytes += field?.length ?? 0;
  return bytes;
}

export function selectRows(plan: RoutePlan, keys: readonly KeyText[]): SqlText {
  return `SELECT ${plan.reads.join(", ")} FROM ${sourceTable(plan)} WHERE ${restrict(plan, keyIn(plan, "source", keys))}`;
}

/** Deletes the rows of `keys` that the source does not have. */
export async function deleteAbsent(
  plan: RoutePlan,
  target: Session,
  keys: readonly KeyText[],
  present: readonly KeyText[],
): Promise<number> {
  // Whether two keys are the same is for the database to say; only what is written in the same way is certain here.
  const own = new Set(present);
  const uncertain = keys.filter((key) => !own.has(key));
  if (uncertain.length === 0) return 0;
  return await deleteRows(
    plan,
    target,
    `${keyIn(plan, "target", uncertain)} AND NOT ${keyIn(plan, "target", present)}`,
  );
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

/** Everything that `work` reads at the source is of one state. */
export async function inSnapshot<T>(source: Session, work: () => Promise<T>): Promise<T> {
  await source.run("START TRANSACTION WITH CONSISTENT SNAPSHOT", "starting a snapshot");
  try {
    return await work();
  } finally {
    if (!source.broken) await source.run("COMMIT", "ending a snapshot");
  }
}
