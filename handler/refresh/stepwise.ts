/** The way out where a unique key of the target cannot be asked beforehand who holds a value. */
import { SyncError } from "../errors";
import { keyColumns, keyReads, targetTable, type RoutePlan } from "../routes/plan";
import type { Row } from "../sql/connection";
import { identifier } from "../sql/text";
import { readKept, restoreKept, type KeptRow } from "./keptColumns";
import { keyFromRow, keyIn, keyOfRow, type KeyText } from "./keys";
import { bytesOf, deleteRows, inSnapshot, selectRows, type Refreshed, type Sides } from "./rows";
import { rowValues } from "./rowWriter";

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
  await inSnapshot(source, async () => {
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
  });
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
