import type { RoutePlan } from "../routes/plan";
import { tableKey } from "../source/catalog";
import type { Desk } from "../sync/worker";
import { RequestError } from "./request";

/**
 * The routes that a request means, in the order of their targets: all of them, or those that read or write the table.
 *
 * @throws {RequestError} when none does, naming those that there are, or when the only one is stopped.
 */
export function chooseRoutes({ picture, stopped }: Desk, table: string | undefined): readonly RoutePlan[] {
  const plans = [...picture.plans.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  if (table === undefined) return plans;
  const wanted = table.toLowerCase();
  const chosen = plans.filter((plan) => plan.id === wanted || tableKey(plan.source.name) === wanted);
  if (chosen.length > 0) return chosen;
  const problem = stopped.get(wanted);
  if (problem !== undefined) throw new RequestError(`the route of ${wanted} is stopped: ${problem}`);
  const known = plans.map(({ id }) => id).slice(0, 20);
  throw new RequestError(
    `no route reads or writes ${table}; name a table as database.table, one of ${known.join(", ")}${plans.length > known.length ? ", .." : ""}`,
  );
}
