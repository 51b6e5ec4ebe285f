import { type Route } from "../handler/contract/routes";
import { planRoutes } from "../handler/routes/plan";
import { readPrograms, readTables } from "../handler/source/catalog";
import { Session } from "../handler/sql/connection";
import { type Mariadb } from "./mariadb";

/** Why routes cannot be followed as things stand, in the function's own words; one line each. */
export async function unfollowedRoutes(
  source: Mariadb,
  target: { readonly name: string; readonly server: Mariadb; readonly routes: readonly Route[] },
): Promise<readonly string[]> {
  const { name, server, routes } = target;
  const left = await Session.open("source", source.rootConnection, []);
  const right = await Session.open("target", server.rootConnection, []);
  try {
    const programs = await readPrograms(left);
    const sources = await readTables(left, databases(routes, "source"), programs);
    const targets = await readTables(right, databases(routes, "target"), []);
    const { stopped } = planRoutes(routes, sources, targets);
    return stopped.map(({ route, problem }) => `${name} does not follow ${route}: ${problem}`);
  } finally {
    await Promise.all([left.close(), right.close()]);
  }
}

function databases(routes: readonly Route[], side: "source" | "target"): readonly string[] {
  return [...new Set(routes.map((route) => route[side].database))];
}
