/**
 * Tables with more unique keys than the one that identifies rows. A row's new value may still be held by another row of
 * the target. That row is stale by definition (the source has one owner for the value), so it joins the refresh; swaps
 * and cycles need every row of the circle to be gone before the first one is written.
 */
import { SyncError } from "../errors";
import { keyColumns, keyReads, targetTable, type PlannedColumn, type RoutePlan } from "../routes/plan";
import type { Row } from "../sql/connection";
import { identifier, tuple, value, type SqlText, type Value } from "../sql/text";
import { keyFromRow, keyIn, keyOfRow, type KeyText } from "./keys";
import { bytesOf, copyRows, deleteAbsent, deleteRows, selectRows, type Refreshed, type Sides } from "./rows";
import { RowWriter, rowValues } from "./rowWriter";

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
  const refreshed = uniques.opaque ? undefined : await refreshUndisputed(plan, uniques, sides, keys);
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
  if (bytes > heldBytes) return undefined;
  const owned = new Set(rows.flatMap((row) => valuesOf(plan, known, row)));
  for (const [index, key, ...values] of await findHolders(plan, known, { source, target }, rows)) {
    if (!owned.has(JSON.stringify([index, key, ...values]))) return undefined;
  }
  const writer = new RowWriter(plan, target, "upsert");
  for (const row of rows) await writer.add(row);
  await writer.flush();
  const present = rows.map((row) => keyOfRow(plan, row));
  return { written: rows.length, deleted: await deleteAbsent(plan, target, keys, present), bytes, keys: present };
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
  const { source, target } = sides;
  // All reads must see one state: a value that moved between them would meet its old holder.
  await source.run("START TRANSACTION WITH CONSISTENT SNAPSHOT", "starting a snapshot");
  try {
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
  } finally {
    if (!source.broken) await source.run("COMMIT", "ending a snapshot");
  }
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
  // Only the columns of unique keys are read, at their places: the rows themselves may be large.
  const wanted = new Set(known.flat());
  const reads = plan.reads.map((read, index) => {
    const column = plan.columns[index];
    return column === undefined || wanted.has(column) ? read : "NULL";
  });
  let fresh: readonly KeyText[] = keys;
  while (fresh.length > 0) {
    const rows = await sides.source.rows(selectRows({ ...plan, reads }, fresh), `reading unique values of ${plan.id}`);
    const holders = await findHolders(plan, known, sides, rows);
    fresh = [...new Set(holders.map(([, key]) => key))].filter((key) => !all.has(key));
    for (const key of fresh) all.add(key);
  }
  return [...all];
}

interface KeptRow {
  readonly key: KeyText;
  readonly assignments: readonly SqlText[];
}

/** What the target's own columns hold, which must survive that the row is written anew. */
async function readKept(plan: RoutePlan, { target }: Sides, keys: readonly KeyText[]): Promise<readonly KeptRow[]> {
  if (plan.kept.length === 0) return [];
  const rows = await target.rows(
    `SELECT ${[...keyReads(plan, "target"), ...plan.kept.map(({ read }) => read)].join(", ")}
     FROM ${targetTable(plan)} WHERE ${keyIn(plan, "target", keys)}`,
    `reading the target's own columns of ${plan.id}`,
  );
  return rows.map((row) => ({
    key: keyFromRow(plan, row.slice(0, plan.key.length)),
    assignments: plan.kept.map(
      ({ column, introducer }, index) =>
        `${identifier(column.name)} = ${value(row[plan.key.length + index] ?? null, introducer)}`,
    ),
  }));
}

async function restoreKept(plan: RoutePlan, { target }: Sides, rows: readonly KeptRow[]): Promise<void> {
  for (const { key, assignments } of rows) {
    await target.run(
      `UPDATE ${targetTable(plan)} SET ${assignments.join(", ")} WHERE ${keyIn(plan, "target", [key])}`,
      `writing the target's own columns of ${plan.id}`,
    );
  }
}

/**
 * Writes one row where a unique key that cannot be asked beforehand has refused it: the server names the row in the way.
 * Every row that is in the way is stale, so it is deleted and written anew as well.
 *
 * @throws {SyncError} ROW_REFUSED when the rows of the source themselves do not fit beside each other.
 */
export async function replaceStepwise(plan: RoutePlan, sides: Sides, key: KeyText): Promise<Refreshed> {
  const { source, target } = sides;
  const waiting = [key];
  const all = new Set(waiting);
  const written = new Set<KeyText>();
  const kept: KeptRow[] = [];
  let deleted = 0;
  let bytes = 0;
  const clear = async (keys: readonly KeyText[]): Promise<void> => {
    kept.push(...(await readKept(plan, sides, keys)));
    deleted += await deleteRows(plan, target, keyIn(plan, "target", keys));
  };
  await source.run("START TRANSACTION WITH CONSISTENT SNAPSHOT", "starting a snapshot");
  try {
    await clear(waiting);
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [row] = await source.rows(selectRows(plan, [next]), `reading ${plan.id}`);
      if (row === undefined) continue;
      bytes += bytesOf(row);
      for (let holder = await insertOrMeet(plan, sides, row); holder !== undefined;) {
        if (written.has(holder))
          throw new SyncError("ROW_REFUSED", `writing ${plan.id}: two rows claim a unique value`);
        await clear([holder]);
        if (!all.has(holder)) waiting.push(holder);
        all.add(holder);
        holder = await insertOrMeet(plan, sides, row);
      }
      written.add(keyOfRow(plan, row));
    }
    await restoreKept(plan, sides, kept);
  } finally {
    if (!source.broken) await source.run("COMMIT", "ending a snapshot");
  }
  return { written: written.size, deleted: Math.max(0, deleted - written.size), bytes, keys: [...all, ...written] };
}

/** Inserts a row; when another one is in the way, changes nothing and returns that one's key. */
async function insertOrMeet(plan: RoutePlan, { target }: Sides, row: Row): Promise<KeyText | undefined> {
  const names = plan.columns.map((column) => identifier(column.target.name));
  const variables = plan.key.map((_, index) => `@audit_sync_key_${index}`);
  await target.run(`SET ${variables.map((variable) => `${variable} = NULL`).join(", ")}`, `writing ${plan.id}`);
  const reads = keyReads(plan, "target");
  const meet = keyColumns(plan, "target").map(
    (column, index) =>
      `${column} = IF((${variables[index] ?? ""} := ${reads[index] ?? ""}) IS NULL, ${column}, ${column})`,
  );
  await target.run(
    `INSERT INTO ${targetTable(plan)} (${names.join(", ")}) VALUES ${rowValues(plan, row)}
     ON DUPLICATE KEY UPDATE ${meet.join(", ")}`,
    `writing ${plan.id}`,
  );
  const [met = []] = await target.rows(`SELECT ${variables.join(", ")}`, `writing ${plan.id}`);
  return met[0] === null ? undefined : keyFromRow(plan, met);
}
