/** From a predicate that held before a statement to the keys of the rows that it may have changed. */
import { SyncError } from "../errors";
import { keyColumns, keyReads, sourceTable, targetTable, type RoutePlan } from "../routes/plan";
import type { Session } from "../sql/connection";
import { identifier, literal, type SqlText, type Value } from "../sql/text";
import { isTrue, superset } from "../touch/predicate";
import { renderPredicate } from "../touch/render";
import type { Touch } from "../touch/touch";
import { keyAfter, keyFromRow, type KeyText } from "./keys";
import { restrict } from "./rows";

export type WhereTouch = Extract<Touch, { kind: "where" }>;

/** Conditions that find the rows: on the target's table, on the source's, or both. */
export interface Located {
  readonly target: SqlText | undefined;
  readonly source: SqlText | undefined;
}

/**
 * Where a touch's rows are found; `undefined`: only the whole table is safe.
 *
 * A target with every column holds a state that the source really had, and the statement's predicate held on it, so it
 * is asked. A row filter hides states, so the source is asked too, for what certainly still holds after the statement.
 * A target without some columns cannot be asked at all: a row that one statement's search missed there, because the
 * source had moved on, would be missed by the next one's as well. There the source alone is asked, which finds the row
 * for the last statement that changed it; a DELETE leaves nothing to find.
 */
export function locate(plan: RoutePlan, touch: WhereTouch): Located | undefined {
  if (plan.partial) {
    if (touch.operation === "delete") return undefined;
    const source = afterwards(plan, touch);
    return source === undefined ? undefined : { target: undefined, source };
  }
  const before = superset(touch.predicate, (column) => plan.comparable.has(column));
  if (isTrue(before)) return undefined;
  const target = renderPredicate(before, {
    column: (name) => identifier(plan.comparable.get(name.toLowerCase()) ?? name),
    literal,
  });
  if (plan.filter === undefined || touch.operation === "delete") return { target, source: undefined };
  const source = afterwards(plan, touch);
  return source === undefined ? undefined : { target, source };
}

/** What an UPDATE's rows satisfy after it, as a condition on the source; `undefined`: nothing is known. */
function afterwards(plan: RoutePlan, touch: WhereTouch): SqlText | undefined {
  const { changed } = touch;
  const own = new Set(plan.source.columns.map((column) => column.name.toLowerCase()));
  const kept = superset(touch.predicate, (column) => changed !== "all" && own.has(column) && !changed.includes(column));
  const conditions: SqlText[] = Object.entries(touch.assigned).map(
    ([column, assigned]) => `${identifier(column)} <=> ${literal(assigned)}`,
  );
  if (!isTrue(kept)) conditions.push(renderPredicate(kept, { column: identifier, literal }));
  return conditions.length === 0 ? undefined : restrict(plan, conditions.map((part) => `(${part})`).join(" AND "));
}

/**
 * A predicate that this server refuses (a literal of another type or character set, too long or too deep, a sum out of
 * range on some row) says nothing about rows.
 */
export function isRefusedPredicate(error: unknown): boolean {
  return error instanceof SyncError && (error.code === "UNEXPECTED" || error.kind === "poison");
}

/** Keys at one side that satisfy a condition, `limit` at most; `page`: in the key's order, after a position. */
export async function findKeys(
  plan: RoutePlan,
  session: Session,
  side: "source" | "target",
  condition: SqlText,
  limit: number,
  page?: { readonly after: readonly Value[] | undefined },
): Promise<readonly (readonly Value[])[]> {
  const columns = keyColumns(plan, side).join(", ");
  // Ordering by the key can make the optimizer walk the whole table instead of using the predicate's index.
  const order = page === undefined ? "" : ` AND ${keyAfter(plan, side, page.after)} ORDER BY ${columns}`;
  return await session.rows(
    `SELECT ${keyReads(plan, side).join(", ")} FROM ${side === "source" ? sourceTable(plan) : targetTable(plan)} WHERE (${condition})${order}
     LIMIT ${limit}`,
    `looking for touched rows of ${plan.id}`,
  );
}

export function keyTexts(plan: RoutePlan, rows: readonly (readonly Value[])[]): readonly KeyText[] {
  return rows.map((row) => keyFromRow(plan, row));
}
