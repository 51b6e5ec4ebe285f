/**
 * A route laid over the real tables of both sides: which columns are read and written how, which key identifies rows,
 * and what makes a route unusable.
 */
import type { FilterValue, Route } from "../contract/routes";
import { tableKey } from "../source/catalog";
import type { ColumnDefinition, TableDefinition, TableName } from "../source/definition";
import { identifier, tableIdentifier, text, value, type SqlText, type Value } from "../sql/text";

export interface PlannedColumn {
  readonly source: ColumnDefinition;
  readonly target: ColumnDefinition;
  /** Reads the value at the source exactly. */
  readonly read: SqlText;
  /** Reads it at the target. */
  readonly readTarget: SqlText;
  /** Stands before a quoted value of this column; see {@link value}. */
  readonly introducer: string;
}

export interface KeptColumn {
  readonly column: ColumnDefinition;
  readonly read: SqlText;
  readonly introducer: string;
}

export interface RoutePlan {
  /** Stable name in the state tables: the target table. */
  readonly id: string;
  readonly source: TableDefinition;
  readonly target: TableDefinition;
  /** Columns that are copied, the key's among them. */
  readonly columns: readonly PlannedColumn[];
  /** The key's columns, in the key's order. */
  readonly key: readonly PlannedColumn[];
  /** What a row is read as at the source: `columns`, then the key's columns that have to be read in another way. */
  readonly reads: readonly SqlText[];
  /** Positions of `key` in `reads`. */
  readonly keyPositions: readonly number[];
  /** Every column has the same type and collation on both sides. */
  readonly sameTypes: boolean;
  /** Columns of the target that the route does not fill, which keep their values. */
  readonly kept: readonly KeptColumn[];
  /** Lower-case source column → target column that a predicate can be evaluated on with the same result. */
  readonly comparable: ReadonlyMap<string, string>;
  /** The target lacks columns of the source, so its rows do not show every state that a statement saw. */
  readonly partial: boolean;
  /** The row filter as a condition on the source table; `undefined`: every row. */
  readonly filter: SqlText | undefined;
}

export interface StoppedRoute {
  /** As {@link RoutePlan.id}. */
  readonly id: string;
  readonly route: string;
  /** What is wrong and what to do. */
  readonly problem: string;
}

export interface Plans {
  readonly plans: readonly RoutePlan[];
  readonly stopped: readonly StoppedRoute[];
}

type Tables = ReadonlyMap<string, TableDefinition>;

/**
 * Lays every route over the tables. A named route wins over a wildcard for its source and its target table.
 * `notMade`: why the target's tables could not be made like the source's, by {@link tableKey}.
 */
export function planRoutes(
  routes: readonly Route[],
  source: Tables,
  target: Tables,
  notMade: ReadonlyMap<string, string> = new Map(),
): Plans {
  const plans: RoutePlan[] = [];
  const stopped: StoppedRoute[] = [];
  for (const route of expandRoutes(routes, source)) {
    const planned = planRoute(route, source, target);
    if (typeof planned === "string") {
      const id = tableKey(route.target);
      const reason = notMade.get(id);
      const problem = reason === undefined ? planned : `${planned} (${reason})`;
      stopped.push({ id, route: describeRoute(route), problem });
    } else plans.push(planned);
  }
  return { plans, stopped };
}

export function describeRoute({ source, target }: Route): string {
  return `${source.database}.${source.table} → ${target.database}.${target.table}`;
}

/** Every wildcard as one route for each table of the source. */
export function expandRoutes(routes: readonly Route[], source: Tables): readonly Route[] {
  const named = routes.filter((route) => route.source.table !== "*");
  const taken = new Set(named.map((route) => tableKey(route.target)));
  const sources = new Set(named.map((route) => tableKey(route.source)));
  const wild = routes
    .filter((route) => route.source.table === "*")
    .flatMap((route) =>
      [...source.values()]
        .filter(({ name }) => name.database.toLowerCase() === route.source.database.toLowerCase())
        .map(({ name }) => ({
          ...route,
          source: name,
          target: { database: route.target.database, table: name.table },
        })),
    )
    .filter((route) => !taken.has(tableKey(route.target)) && !sources.has(tableKey(route.source)));
  return [...named, ...wild];
}

function planRoute(route: Route, sources: Tables, targets: Tables): RoutePlan | string {
  const source = sources.get(tableKey(route.source));
  const target = targets.get(tableKey(route.target));
  if (source === undefined) return `the source has no table ${tableKey(route.source)}; create it or remove the route`;
  if (source.namesakes !== undefined) return namesakeProblem("source", source.name, source.namesakes);
  if (source.key.length === 0) {
    return `${tableKey(source.name)} has no primary key and no unique key without NULLs; add one to the source`;
  }
  if (target === undefined) {
    return `the target has no table ${tableKey(route.target)}; create it, or set followSchema: true on a same-named route`;
  }
  if (target.namesakes !== undefined) return namesakeProblem("target", target.name, target.namesakes);
  const columns: PlannedColumn[] = [];
  for (const [sourceName, targetName] of wantedColumns(route, source)) {
    const from = findColumn(source, sourceName);
    const to = findColumn(target, targetName);
    // What the source computes is copied where the target has an ordinary column for it.
    if (route.columns === undefined && from?.generated === true && to?.generated !== false) continue;
    if (from === undefined) return `the source table ${tableKey(source.name)} has no column ${sourceName}`;
    if (to === undefined) {
      return `the target table ${tableKey(target.name)} has no column ${targetName}; add it or leave it out of the route`;
    }
    if (to.generated) continue;
    columns.push({ source: from, target: to, ...readers(from, to), introducer: introducerOf(from) });
  }
  const key = source.key.map((name) => columns.find((column) => same(column.source.name, name)));
  if (!key.every((column) => column !== undefined)) {
    return `the route leaves out key column ${missingKey(source, columns)} of ${tableKey(source.name)}; add it to columns`;
  }
  return keyProblem(key, target) ?? finish(route, source, target, columns, key);
}

function namesakeProblem(side: string, name: TableName, others: readonly TableName[]): string {
  const names = [name, ...others]
    .map(({ database, table }) => `${database}.${table}`)
    .sort()
    .join(" and ");
  return `the ${side}'s tables ${names} differ in case only, and nothing tells their statements apart; rename all but one`;
}

/** Source name → target name of every column that the route copies. */
function wantedColumns(route: Route, source: TableDefinition): readonly (readonly [string, string])[] {
  if (route.columns !== undefined) return Object.entries(route.columns);
  return source.columns.map(({ name }) => [name, name]);
}

function missingKey(source: TableDefinition, columns: readonly PlannedColumn[]): string {
  return source.key.find((name) => !columns.some((column) => same(column.source.name, name))) ?? "";
}

/** Rows are found by key on both sides, so the key must tell rows apart in the same way on both. */
function keyProblem(key: readonly PlannedColumn[], target: TableDefinition): string | undefined {
  for (const { source, target: to } of key) {
    if (!comparesEqually(source, to)) {
      return `key column ${to.name} of ${tableKey(target.name)} is ${describeType(to)} but ${describeType(source)} at the source; give both the same type and collation`;
    }
  }
  const names = key.map((column) => column.target.name.toLowerCase()).sort();
  const keys = [target.key, ...target.uniqueKeys];
  if (keys.some((columns) => sameNames(columns, names))) return undefined;
  return `${tableKey(target.name)} has no primary or unique key on (${names.join(", ")}); add one`;
}

function sameNames(columns: readonly string[], sorted: readonly string[]): boolean {
  const own = columns.map((name) => name.toLowerCase()).sort();
  return own.length === sorted.length && own.every((name, index) => name === sorted[index]);
}

function finish(
  route: Route,
  source: TableDefinition,
  target: TableDefinition,
  columns: readonly PlannedColumn[],
  key: readonly PlannedColumn[],
): RoutePlan | string {
  const filter = renderFilter(route, source);
  if (typeof filter === "object") return filter.problem;
  const comparable = new Map(
    columns
      .filter((column) => comparesEqually(column.source, column.target))
      .map((column) => [column.source.name.toLowerCase(), column.target.name]),
  );
  return {
    id: tableKey(target.name),
    source,
    target,
    columns,
    key,
    ...readList(columns, key),
    sameTypes: columns.every((column) => comparesEqually(column.source, column.target)),
    kept: target.columns
      .filter((own) => !own.generated && !columns.some((column) => same(column.target.name, own.name)))
      .map((column) => ({ column, read: storableExpression(column), introducer: introducerOf(column) })),
    comparable,
    partial: source.columns.some((column) => !column.generated && !comparable.has(column.name.toLowerCase())),
    filter,
  };
}

function renderFilter(route: Route, source: TableDefinition): SqlText | undefined | { problem: string } {
  if (route.where === undefined) return undefined;
  const conditions: SqlText[] = [];
  for (const [name, values] of Object.entries(route.where)) {
    const column = findColumn(source, name);
    if (column === undefined) return { problem: `the row filter names ${name}, which ${tableKey(source.name)} lacks` };
    conditions.push(values.map((given) => `${identifier(column.name)} <=> ${filterLiteral(given)}`).join(" OR "));
  }
  return conditions.map((condition) => `(${condition})`).join(" AND ");
}

function filterLiteral(given: FilterValue): SqlText {
  if (given === null) return "NULL";
  if (typeof given === "string") return text(given);
  return typeof given === "boolean" ? (given ? "TRUE" : "FALSE") : String(given);
}

function findColumn(table: TableDefinition, name: string): ColumnDefinition | undefined {
  return table.columns.find((column) => same(column.name, name));
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** Display widths (`int(11)`) say nothing about values; everything else of the type does. */
export function comparesEqually(a: ColumnDefinition, b: ColumnDefinition): boolean {
  return describeType(a) === describeType(b);
}

function describeType(column: ColumnDefinition): string {
  const type = /^(?:tiny|small|medium|big)?int/iu.test(column.columnType)
    ? column.columnType.replace(/\(\d+\)/u, "")
    : column.columnType.replace(/^year\(4\)$/iu, "year");
  return column.collation === undefined ? type : `${type} ${collationName(column.collation)}`;
}

/** MySQL 8 calls utf8mb3 collations `utf8mb3_..`, MariaDB and MySQL 5.7 `utf8_..`. */
function collationName(collation: string): string {
  return collation.replace(/^utf8_/u, "utf8mb3_");
}

const byteTypes = /^(?:binary|varbinary|tinyblob|blob|mediumblob|longblob|bit|vector)$/u;
const geometryTypes =
  /^(?:geometry|point|linestring|polygon|multipoint|multilinestring|multipolygon|geometrycollection|geomcollection)$/u;

function introducerOf(column: ColumnDefinition): string {
  // Every server knows utf8mb3 as utf8; older ones only so.
  if (column.characterSet !== undefined) return `_${column.characterSet === "utf8mb3" ? "utf8" : column.characterSet}`;
  if (column.dataType === "json") return "_utf8mb4";
  return byteTypes.test(column.dataType) || geometryTypes.test(column.dataType) ? "_binary" : "";
}

function readers(from: ColumnDefinition, to: ColumnDefinition): Pick<PlannedColumn, "read" | "readTarget"> {
  const read = comparesEqually(from, to) ? storableExpression : readExpression;
  return { read: read(from), readTarget: read(to) };
}

/**
 * Reads a value that the same type takes again. A FLOAT(10,5) turns its highest value, 99999.99999, into 100000, which it
 * refuses; the highest value is what has to be written.
 */
function storableExpression(column: ColumnDefinition): SqlText {
  const read = readExpression(column);
  const { numericPrecision: precision, numericScale: scale } = column;
  const isFixed = column.dataType === "float" || column.dataType === "double";
  if (!isFixed || precision === undefined || scale === undefined) return read;
  const highest = `${"9".repeat(precision - scale) || "0"}.${"9".repeat(scale)}e0`;
  return `LEAST(GREATEST(${read}, -${highest}), ${highest})`;
}

/** FLOAT (and DOUBLE with fixed decimals) prints rounded; as a plain double it prints every digit that counts. */
function readExpression(column: ColumnDefinition): SqlText {
  const rounded = column.dataType === "float" || (column.dataType === "double" && column.numericScale !== undefined);
  return rounded ? `${identifier(column.name)} + 0e0` : identifier(column.name);
}

function readList(
  columns: readonly PlannedColumn[],
  key: readonly PlannedColumn[],
): Pick<RoutePlan, "reads" | "keyPositions"> {
  const reads = columns.map((column) => column.read);
  const keyPositions = key.map((column) => {
    const read = keyExpression(column.source);
    return read === column.read ? columns.indexOf(column) : reads.push(read) - 1;
  });
  return { reads, keyPositions };
}

const exactNumbers = /^(?:tinyint|smallint|mediumint|int|bigint|decimal|bit|enum|set)$/u;

/**
 * Reads a key column so that {@link keyLiteral} finds the row again and puts it into the column's order: ENUM and SET
 * sort by number and compare with text as text, BIT compares with numbers only.
 */
function keyExpression(column: ColumnDefinition): SqlText {
  return /^(?:bit|enum|set)$/u.test(column.dataType)
    ? `CAST(${identifier(column.name)} AS UNSIGNED)`
    : readExpression(column);
}

/** A key value as read by {@link keyReads}, for comparisons. Exact numbers stay numbers, so that indexes serve. */
export function keyLiteral(column: PlannedColumn, bytes: Value): SqlText {
  if (bytes === null || !exactNumbers.test(column.source.dataType)) return value(bytes, column.introducer);
  const digits = bytes.toString("latin1");
  if (!/^-?\d+(?:\.\d+)?$/u.test(digits)) throw new Error(`a ${column.source.dataType} key is not a number`);
  return digits;
}

export function sourceTable(plan: RoutePlan): SqlText {
  return tableIdentifier(plan.source.name);
}

export function targetTable(plan: RoutePlan): SqlText {
  return tableIdentifier(plan.target.name);
}

/** What a key is read as; in conditions and for order stand the {@link keyColumns}. */
export function keyReads(plan: RoutePlan, side: "source" | "target"): readonly SqlText[] {
  return plan.key.map((column) => keyExpression(column[side]));
}

export function keyColumns(plan: RoutePlan, side: "source" | "target"): readonly SqlText[] {
  return plan.key.map((column) => identifier(column[side].name));
}
