/**
 * The routes of a target: which source tables it follows, under which names, columns and row filter.
 * Shared by the infrastructure program (refused at preview) and the handler (refused at load), so both say the same.
 */
import * as v from "valibot";

/** A scalar that a row filter compares a column with; compared by the source database, never by JavaScript. */
export type FilterValue = string | number | boolean | null;

/** A route as written in a stack file, checked and with every default filled in. */
export interface Route {
  readonly source: { readonly database: string; readonly table: string };
  readonly target: { readonly database: string; readonly table: string };
  /** Source column → target column. `undefined`: every column under its own name. */
  readonly columns: Readonly<Record<string, string>> | undefined;
  /** Rows whose every named column equals one of the values; `undefined`: all rows. */
  readonly where: Readonly<Record<string, readonly FilterValue[]>> | undefined;
  /** Make new tables and columns of the source at the target too. Default: false. */
  readonly followSchema: boolean;
}

export interface TargetRoutes {
  readonly name: string;
  readonly routes: readonly Route[];
}

const nameRule = "is the table's full name, <database>.<table>, or <database>.* for every table of a database";
const qualified = v.pipe(v.string(), v.regex(/^[^.`\0]+\.[^.`\0]+$/u, nameRule));
const filterValue = v.union([v.string(), v.number(), v.boolean(), v.null()]);
const columnName = v.pipe(v.string(), v.minLength(1, "a column name cannot be empty"));

const routeSchema = v.strictObject({
  source: qualified,
  target: v.optional(qualified),
  columns: v.optional(v.union([v.array(columnName), v.record(columnName, columnName)])),
  where: v.optional(v.record(columnName, v.union([filterValue, v.array(filterValue)]))),
  followSchema: v.optional(v.boolean(), false),
});

const targetSchema = v.looseObject({
  name: v.pipe(
    v.string(),
    v.regex(/^[a-z][a-z0-9-]{0,30}$/u, "is 1 to 31 lower-case letters, digits and hyphens and starts with a letter"),
  ),
  routes: v.pipe(v.array(routeSchema), v.minLength(1, "needs at least one route")),
});

export const targetsSchema = v.pipe(v.array(targetSchema), v.minLength(1, "needs at least one target"));

type RawRoute = v.InferOutput<typeof routeSchema>;

/** The routes cannot be used. `problems` holds one sentence each: the place, the rule and the next step. */
export class RoutesError extends Error {
  override readonly name = "RoutesError";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`the routes cannot be used:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`);
    this.problems = problems;
  }
}

/**
 * Checks `targets` as written in a stack file (an array, or an object with a `targets` key) and fills in defaults.
 * Keys of a target other than `name` and `routes` (its connection) are not looked at here.
 *
 * @throws {RoutesError} listing every problem at once.
 */
export function parseTargets(raw: unknown): readonly TargetRoutes[] {
  const list = typeof raw === "object" && raw !== null && "targets" in raw ? raw.targets : raw;
  const parsed = v.safeParse(targetsSchema, list);
  if (!parsed.success) throw new RoutesError(parsed.issues.map(describeIssue));
  const problems: string[] = [];
  const seen = new Set<string>();
  const targets = parsed.output.map((target): TargetRoutes => {
    if (seen.has(target.name)) problems.push(`target ${target.name}: the name is used twice; give each target its own`);
    seen.add(target.name);
    const routes = target.routes.map((route) => normaliseRoute(target.name, route, problems));
    problems.push(...clashes(target.name, routes));
    return { name: target.name, routes };
  });
  if (problems.length > 0) throw new RoutesError(problems);
  return targets;
}

function describeIssue(issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue);
  return `targets${path === null ? "" : `.${path}`}: ${issue.message}`;
}

function normaliseRoute(target: string, raw: RawRoute, problems: string[]): Route {
  const place = `target ${target}, route ${raw.source}`;
  const source = splitName(raw.source);
  const destination = splitName(raw.target ?? raw.source);
  const wildcard = source.table === "*";
  if (wildcard !== (destination.table === "*")) {
    problems.push(`${place}: ${raw.source} → ${raw.target ?? ""}: a wildcard stands on both sides or on neither`);
  }
  if (wildcard && (raw.columns !== undefined || raw.where !== undefined)) {
    problems.push(`${place}: columns and where need a named table; add a route of its own for it`);
  }
  const columns = Array.isArray(raw.columns)
    ? Object.fromEntries(raw.columns.map((column) => [column, column]))
    : raw.columns;
  if (columns !== undefined && Object.keys(columns).length === 0) {
    problems.push(`${place}: columns is empty; leave it out to follow every column`);
  }
  if (columns !== undefined) problems.push(...doubledColumns(place, Object.values(columns)));
  const where =
    raw.where === undefined
      ? undefined
      : Object.fromEntries(
          Object.entries(raw.where).map(([column, value]) => [column, Array.isArray(value) ? value : [value]]),
        );
  if (where !== undefined && Object.values(where).some((values) => values.length === 0)) {
    problems.push(`${place}: a where list is empty and would match no row; name at least one value`);
  }
  if (raw.followSchema && (raw.columns !== undefined || destination.table !== source.table)) {
    problems.push(`${place}: followSchema needs a route that keeps table and column names`);
  }
  return { source, target: destination, columns, where, followSchema: raw.followSchema };
}

function splitName(name: string): { database: string; table: string } {
  const dot = name.indexOf(".");
  return { database: name.slice(0, dot), table: name.slice(dot + 1) };
}

function doubledColumns(place: string, names: readonly string[]): string[] {
  const lower = names.map((name) => name.toLowerCase());
  return lower
    .filter((name, index) => lower.indexOf(name) !== index)
    .map((name) => `${place}: two columns arrive as ${name}; give each its own target column`);
}

/** Two routes that write one target table would undo each other's rows. */
function clashes(target: string, routes: readonly Route[]): string[] {
  const written = new Map<string, Route>();
  const problems: string[] = [];
  for (const route of routes) {
    const key = `${route.target.database}.${route.target.table}`.toLowerCase();
    if (written.has(key)) {
      problems.push(`target ${target}: two routes write ${key}; a target table follows exactly one source table`);
    }
    written.set(key, route);
  }
  return problems;
}
