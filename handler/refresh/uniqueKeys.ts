/**
 * Tables with more unique keys than the one that identifies rows. A row's new value may still be held by another row of
 * the target. That row is stale by definition (the source has one owner for the value), so it joins the refresh; swaps
 * and cycles need every row of the circle to be gone before the first one is written.
 */
import { keyReads, targetTable, type PlannedColumn, type RoutePlan } from "../routes/plan";
import type { Row } from "../sql/connection";
import { identifier, tuple, value, type Value } from "../sql/text";
import { readKept, restoreKept } from "./keptColumns";
import { keyFromRow, keyIn, keyOfRow, type KeyText } from "./keys";
import { mayBeLarge } from "./pace";
import {
  bytesOf,
  copyRows,
  deleteAbsent,
  deleteRows,
  inSnapshot,
  selectRows,
  type Refreshed,
  type Sides,
} from "./rows";
import { RowWriter } from "./rowWriter";

export interface UniqueKeys {
  /** The target's other unique keys of which the route writes every column. */
  readonly known: readonly (readonly PlannedColumn[])[];
  /** There are others: over prefixes, expressions, generated columns, or columns that the route does not write. */
  readonly opaque: boolean;
}

export function uniqueKeysOf({ key, target, columns }: RoutePlan): UniqueKeys {
  const own = key.map((column) => column.target.name.toLowerCase()).sort();
  const others = [target.key, ...target.uniqueKeys].filter(
    (names) =>
      names
        .map((name) => name.toLowerCase())
        .sort()
        .join("\0") !== own.join("\0"),
  );
  const known: PlannedColumn[][] = [];
  let opaque = target.partialUniqueKeys;
  for (const names of others.filter(({ length }) => length > 0)) {
    const written = names.map((name) => columns.find((column) => same(column.target.name, name)));
    if (written.every((column) => column !== undefined)) known.push(written);
    // A counter of the target's own never gives a value out twice.
    else if (!target.columns.some((column) => column.autoIncrement && names.some((name) => same(column.name, name))))
      opaque = true;
  }
  return { known, opaque };
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** Bytes of rows that are held in memory to be looked at before they are written. */
const heldBytes = 4_000_000;

export async function refreshUnique(
  plan: RoutePlan,
  uniques: UniqueKeys,
  sides: Sides,
  keys: readonly KeyText[],
): Promise<Refreshed> {
  const undisputed = mayBeLarge(plan) ? copyUndisputed : refreshUndisputed;
  const refreshed = uniques.opaque ? undefined : await undisputed(plan, uniques, sides, keys);
  return refreshed ?? (await replaceDisputed(plan, uniques, sides, keys));
}

/** The ordinary case in few steps: no other row of the target holds a value that is written. `undefined`: one does. */
async function refreshUndisputed(
  plan: RoutePlan,
  { known }: UniqueKeys,
  { source, target }: Sides,
  keys: readonly KeyText[],
): Promise<Refreshed | undefined> {
  const rows: Row[] = [];
  let bytes = 0;
  await source.each(selectRows(plan, keys), `reading ${plan.id}`, (row) => {
    bytes += bytesOf(row);
    if (bytes <= heldBytes) rows.push(row);
    return undefined;
  });
  if (bytes > heldBytes || (await areDisputed(plan, known, { source, target }, rows))) return undefined;
  const writer = new RowWriter(plan, target, "upsert");
  for (const row of rows) await writer.add(row);
  await writer.flush();
  const present = rows.map((row) => keyOfRow(plan, row));
  return { written: rows.length, deleted: await deleteAbsent(plan, target, keys, present), bytes, keys: present };
}

/** The same where the rows cannot be held: only what tells whether they are disputed is, and then they are read. */
async function copyUndisputed(
  plan: RoutePlan,
  { known }: UniqueKeys,
  sides: Sides,
  keys: readonly KeyText[],
): Promise<Refreshed | undefined> {
  return await inSnapshot(sides.source, async () => {
    if (await areDisputed(plan, known, sides, await readUnique(plan, known, sides, keys))) return undefined;
    const present: KeyText[] = [];
    const bytes = await copyRows(plan, sides, keys, "upsert", (row) => present.push(keyOfRow(plan, row)));
    return {
      written: present.length,
      deleted: await deleteAbsent(plan, sides.target, keys, present),
      bytes,
      keys: present,
    };
  });
}

/** Rows as they are read, with only the columns of keys in them: the others may be large. */
async function readUnique(
  plan: RoutePlan,
  known: UniqueKeys["known"],
  { source }: Sides,
  keys: readonly KeyText[],
): Promise<readonly Row[]> {
  const wanted = new Set([...known.flat(), ...plan.key]);
  const reads = plan.reads.map((read, index) => {
    const column = plan.columns[index];
    return column === undefined || wanted.has(column) ? read : "NULL";
  });
  return await source.rows(selectRows({ ...plan, reads }, keys), `reading unique values of ${plan.id}`);
}

/** Another row of the target holds a value that one of the rows is to have. */
async function areDisputed(
  plan: RoutePlan,
  known: UniqueKeys["known"],
  sides: Sides,
  rows: readonly Row[],
): Promise<boolean> {
  const owned = new Set(rows.flatMap((row) => valuesOf(plan, known, row)));
  const holders = await findHolders(plan, known, sides, rows);
  return holders.some(([index, key, ...values]) => !owned.has(JSON.stringify([index, key, ...values])));
}

/** Each unique value that a row of the source has, together with the row's key. */
function valuesOf(plan: RoutePlan, known: UniqueKeys["known"], row: Row): readonly string[] {
  return known.flatMap((unique, index) => {
    const values = unique.map((column) => row[plan.columns.indexOf(column)] ?? null);
    if (values.includes(null)) return [];
    return [JSON.stringify([index, keyOfRow(plan, row), ...values.map(bytesText)])];
  });
}

function bytesText(bytes: Value | undefined): string | undefined {
  return bytes?.toString("latin1");
}

type Holder = readonly [index: number, key: KeyText, ...values: (string | undefined)[]];

/** Rows of the target that hold a unique value of one of the source's rows. */
async function findHolders(
  plan: RoutePlan,
  known: UniqueKeys["known"],
  { target }: Sides,
  rows: readonly Row[],
): Promise<readonly Holder[]> {
  const searches = known.flatMap((unique, index) => {
    const wanted = rows
      .map((row) => unique.map((column) => value(row[plan.columns.indexOf(column)] ?? null, column.introducer)))
      .filter((values) => !values.includes("NULL"))
      .map(tuple);
    if (wanted.length === 0) return [];
    const names = unique.map((column) => identifier(column.target.name));
    const read = [...keyReads(plan, "target"), ...unique.map((column) => column.readTarget)];
    return [{ index, read, where: `${tuple(names)} IN (${wanted.join(", ")})` }];
  });
  const holders: Holder[] = [];
  for (const { index, read, where } of searches) {
    const found = await target.rows(
      `SELECT ${read.join(", ")} FROM ${targetTable(plan)} WHERE ${where}`,
      `looking for rows that hold unique values of ${plan.id}`,
    );
    for (const row of found) {
      const key = keyFromRow(plan, row.slice(0, plan.key.length));
      holders.push([index, key, ...row.slice(plan.key.length).map(bytesText)]);
    }
  }
  return holders;
}

/** Deletes the rows and everything that stands in their way, then writes what the source has of all of them. */
async function replaceDisputed(
  plan: RoutePlan,
  uniques: UniqueKeys,
  sides: Sides,
  keys: readonly KeyText[],
): Promise<Refreshed> {
  const { target } = sides;
  // A value that moved between two reads would meet its old holder.
  return await inSnapshot(sides.source, async () => {
    const all = await withHolders(plan, uniques.known, sides, keys);
    const kept = await readKept(plan, sides, all);
    const deleted = await deleteRows(plan, target, keyIn(plan, "target", all));
    const present: KeyText[] = [];
    const bytes = await copyRows(plan, sides, all, "insert", (row) => present.push(keyOfRow(plan, row)));
    await restoreKept(plan, sides, kept);
    return {
      written: present.length,
      deleted: Math.max(0, deleted - present.length),
      bytes,
      keys: [...new Set([...all, ...present])],
    };
  });
}

/** The keys and, to the end of every chain, the target's rows that hold a unique value which one of them needs. */
async function withHolders(
  plan: RoutePlan,
  known: UniqueKeys["known"],
  sides: Sides,
  keys: readonly KeyText[],
): Promise<readonly KeyText[]> {
  const all = new Set(keys);
  if (known.length === 0) return keys;
  let fresh: readonly KeyText[] = keys;
  while (fresh.length > 0) {
    const holders = await findHolders(plan, known, sides, await readUnique(plan, known, sides, fresh));
    fresh = [...new Set(holders.map(([, key]) => key))].filter((key) => !all.has(key));
    for (const key of fresh) all.add(key);
  }
  return [...all];
}
