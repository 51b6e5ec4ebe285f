/** Compares source and targets by what the servers themselves say about their rows. */
import { type Connection, createConnection, escape } from "mysql2/promise";
import { type FilterValue, type Route } from "../../handler/contract/routes";
import { type Mariadb } from "../mariadb";
import { identifier } from "../sqlText";
import { textRows } from "../textRows";
import { keyText, rowText } from "./rowText";
import { type ComparedTable, comparedTables } from "./tables";

export interface TableResult {
  readonly source: string;
  readonly target: string;
  /** Rows that the target should have. */
  readonly rows: number;
  /** Rows that are missing, superfluous or different at the target. */
  readonly differences: number;
  /** At most {@link listedKeys} of them, by key only, or why nothing could be compared. */
  readonly details: readonly string[];
}

export const listedKeys = 10;

export async function compareTarget(
  source: Mariadb,
  target: Mariadb,
  routes: readonly Route[],
): Promise<readonly TableResult[]> {
  const [left, right] = await Promise.all([connect(source), connect(target)]);
  try {
    const results: TableResult[] = [];
    for (const table of await comparedTables(left, right, routes)) {
      results.push(await compareTable(left, right, table).catch((error: unknown) => unreadable(table, error)));
    }
    return results;
  } finally {
    await Promise.all([left.end(), right.end()]);
  }
}

/** Both sides print values in the same way, whatever their defaults. */
async function connect(server: Mariadb): Promise<Connection> {
  const connection = await createConnection({ ...server.rootConnection, charset: "utf8mb4" });
  await connection.query("SET SESSION time_zone = '+00:00', sql_mode = ''");
  return connection;
}

/** A table that a server cannot open (damaged, a MERGE table whose parts differ) is no reason not to tell of the others. */
function unreadable({ source, target }: ComparedTable, thrown: unknown): TableResult {
  const { code, sqlState } = thrown as { readonly code?: unknown; readonly sqlState?: unknown };
  if (typeof code !== "string" || sqlState === undefined) throw thrown;
  return { source, target, rows: 0, differences: 1, details: [`a server cannot read it: ${code}`] };
}

interface Side {
  readonly connection: Connection;
  readonly table: string;
  readonly where: string;
  /** One text for each row. */
  readonly text: string;
  /** One text for each key column. */
  readonly key: readonly string[];
}

async function compareTable(left: Connection, right: Connection, table: ComparedTable): Promise<TableResult> {
  const names = { source: table.source, target: table.target };
  if (table.problem !== undefined) return { ...names, rows: 0, differences: 1, details: [table.problem] };
  const sources = table.columns.map(({ source }) => source);
  const targets = table.columns.map(({ target }) => target);
  const keyOf = (columns: typeof sources): readonly string[] =>
    table.key.flatMap((place) => columns.slice(place, place + 1)).map(keyText);
  const { route } = table;
  const source: Side = {
    connection: left,
    table: tableName(route.source),
    where: filterCondition(route.where),
    text: rowText(sources, targets),
    key: keyOf(sources),
  };
  const target: Side = {
    connection: right,
    table: tableName(route.target),
    where: "TRUE",
    text: rowText(targets, sources),
    key: keyOf(targets),
  };
  const [wanted, found] = await Promise.all([aggregate(source), aggregate(target)]);
  const rows = Number(wanted[0]);
  if (wanted.join() === found.join()) return { ...names, rows, differences: 0, details: [] };
  return { ...names, rows, ...listDifferences(table, await readRows(source), await readRows(target)) };
}

/** Number of rows and two sums over digests of them: independent of order, and rows that are there twice count twice. */
async function aggregate({ connection, table, where, text }: Side): Promise<readonly string[]> {
  const part = (from: number): string =>
    `COALESCE(SUM(CAST(CONV(SUBSTR(digest, ${from}, 16), 16, 10) AS UNSIGNED)), 0)`;
  const rows = await textRows(
    connection,
    `SELECT COUNT(*), ${part(1)}, ${part(17)} FROM (SELECT MD5(${text}) AS digest FROM ${table} WHERE ${where}) AS digests`,
  );
  return rows[0]?.map(String) ?? [];
}

/** Key → digest; rows with the same key (a table without one) are told apart by a number. */
async function readRows({ connection, table, where, text, key }: Side): Promise<ReadonlyMap<string, string>> {
  const columns = [...key, `MD5(${text})`];
  const rows = await textRows(connection, `SELECT ${columns.join(", ")} FROM ${table} WHERE ${where}`);
  const digests = new Map<string, string>();
  const copies = new Map<string, number>();
  for (const row of rows) {
    const digest = String(row.at(-1));
    // Without a key, the digest is all that a row can be found by.
    const name = key.length === 0 ? digest : JSON.stringify(row.slice(0, -1));
    const copy = (copies.get(name) ?? 0) + 1;
    copies.set(name, copy);
    digests.set(copy === 1 ? name : `${name} #${copy}`, digest);
  }
  return digests;
}

function listDifferences(
  table: ComparedTable,
  wanted: ReadonlyMap<string, string>,
  found: ReadonlyMap<string, string>,
): Pick<TableResult, "differences" | "details"> {
  const details: string[] = [];
  let differences = 0;
  const note = (name: string, what: string): void => {
    differences += 1;
    if (details.length < listedKeys) details.push(`${describeKey(table, name)}: ${what}`);
  };
  for (const [name, digest] of wanted) {
    const other = found.get(name);
    if (other === undefined) note(name, "missing at the target");
    else if (other !== digest) note(name, "different");
  }
  for (const name of found.keys()) if (!wanted.has(name)) note(name, "only at the target");
  return { differences, details };
}

function describeKey(table: ComparedTable, name: string): string {
  if (table.key.length === 0) return "a row without a key";
  const values = JSON.parse(name.replace(/ #\d+$/u, "")) as readonly unknown[];
  return table.key
    .map((place, index) => `${table.columns[place]?.source.name ?? ""}=${String(values[index])}`)
    .join(", ");
}

function tableName({ database, table }: Route["source"]): string {
  return `${identifier(database)}.${identifier(table)}`;
}

function filterCondition(where: Route["where"]): string {
  const conditions = Object.entries(where ?? {}).map(([column, values]) => {
    const alternatives = values.map((value) => `${identifier(column)} <=> ${filterLiteral(value)}`);
    return `(${alternatives.join(" OR ")})`;
  });
  return conditions.length === 0 ? "TRUE" : conditions.join(" AND ");
}

function filterLiteral(value: FilterValue): string {
  return typeof value === "number" ? String(value) : escape(value);
}
