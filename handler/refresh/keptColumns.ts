/** The target's own columns, which must survive that their row is deleted and written anew. */
import { keyReads, targetTable, type RoutePlan } from "../routes/plan";
import { identifier, value, type SqlText } from "../sql/text";
import { keyFromRow, keyIn, type KeyText } from "./keys";
import type { Sides } from "./rows";

export interface KeptRow {
  readonly key: KeyText;
  readonly assignments: readonly SqlText[];
}

export async function readKept(
  plan: RoutePlan,
  { target }: Sides,
  keys: readonly KeyText[],
): Promise<readonly KeptRow[]> {
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

export async function restoreKept(plan: RoutePlan, { target }: Sides, rows: readonly KeptRow[]): Promise<void> {
  for (const { key, assignments } of rows) {
    await target.run(
      `UPDATE ${targetTable(plan)} SET ${assignments.join(", ")} WHERE ${keyIn(plan, "target", [key])}`,
      `writing the target's own columns of ${plan.id}`,
    );
  }
}
