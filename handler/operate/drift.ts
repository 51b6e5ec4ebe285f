import { verificationSetting, type Verification } from "../refresh/verify";
import type { DriftedRange } from "../state/differences";
import { tableKey } from "../source/catalog";
import type { Desk } from "../sync/worker";
import { chooseRoutes } from "./routes";

export interface DriftReport {
  readonly tables: readonly TableDrift[];
}

export interface TableDrift {
  readonly source: string;
  readonly target: string;
  /** When the last verification ended; `null`: there was none yet. */
  readonly verifiedAt: string | null;
  readonly rows: number;
  /** More rows differ than are listed: the verification stopped counting. */
  readonly incomplete: boolean;
  readonly ranges: readonly RangeDrift[];
}

/** Keys are written as SQL. `from` is not part of the range, `to` is; `null`: the table's start or end. */
export interface RangeDrift {
  readonly from: string | null;
  readonly to: string | null;
  readonly missing: number;
  readonly extra: number;
  readonly different: number;
  readonly examples: readonly string[];
}

export async function reportDrift(desk: Desk, table: string | undefined, limit: number): Promise<DriftReport> {
  const { store } = desk.context;
  const plans = chooseRoutes(desk, table);
  const ranges = await store.differences.report(
    plans.map(({ id }) => id),
    limit,
  );
  const verifications = await store.settings(verificationSetting(""));
  return {
    tables: plans.map((plan) => {
      const own = ranges.filter(({ route }) => route === plan.id);
      const verification = verifications.get(verificationSetting(plan.id)) as Verification | undefined;
      return {
        source: tableKey(plan.source.name),
        target: plan.id,
        verifiedAt: verification?.finishedAt ?? null,
        rows: own.reduce((sum, { rows }) => sum + rows.missing + rows.extra + rows.different, 0),
        incomplete: verification?.incomplete ?? false,
        ranges: own.map(rangeDrift),
      };
    }),
  };
}

function rangeDrift({ from, to, rows, keys }: DriftedRange): RangeDrift {
  return { from: keyText(from), to: keyText(to), ...rows, examples: keys.map(readable) };
}

function keyText(position: DriftedRange["from"]): string | null {
  if (position === undefined) return null;
  const values = position.map((field) => (field === null ? "NULL" : Buffer.from(field, "base64").toString("utf8")));
  return values.length === 1 ? (values[0] ?? null) : `(${values.join(", ")})`;
}

function readable(sql: string): string {
  return Buffer.from(sql, "latin1").toString("utf8");
}
