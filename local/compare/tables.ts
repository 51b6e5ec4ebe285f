/** Which tables have to be equal, column by column, as the two servers themselves describe them. */
import { type Connection } from "mysql2/promise";
import { type Route } from "../../handler/contract/routes";
import { type TextRow, textRows } from "../textRows";

export interface Column {
  readonly name: string;
  /** `information_schema.COLUMNS.DATA_TYPE` in lower case. */
  readonly type: string;
  /** `COLUMN_TYPE`: `decimal(10,2)`. */
  readonly fullType: string;
  readonly characterSet: string | null;
  readonly generated: boolean;
}

export interface ComparedTable {
  /** `database.table`, for people. */
  readonly source: string;
  readonly target: string;
  readonly route: Route;
  /** A column of the source and the one that has to be equal to it. */
  readonly columns: readonly { readonly source: Column; readonly target: Column }[];
  /** Positions in `columns` that tell rows apart; empty: the table has no key, or the route leaves it out. */
  readonly key: readonly number[];
  /** Why there is nothing to compare: the table or a column is missing. */
  readonly problem: string | undefined;
}

interface ServerTable {
  readonly database: string;
  readonly table: string;
  readonly columns: readonly Column[];
  readonly key: readonly string[];
}

const systemDatabases = ["information_schema", "mysql", "performance_schema", "sys"];

/** Databases of the server that are its users' own. */
export async function userDatabases(connection: Connection): Promise<readonly string[]> {
  const rows = await textRows(connection, "SELECT SCHEMA_NAME FROM information_schema.SCHEMATA ORDER BY 1");
  return rows.flatMap(([name]) => (name === undefined || systemDatabases.includes(name) ? [] : [name]));
}

export async function comparedTables(
  source: Connection,
  target: Connection,
  routes: readonly Route[],
): Promise<readonly ComparedTable[]> {
  const sources = await readTables(
    source,
    routes.map((route) => route.source.database),
  );
  const targets = await readTables(
    target,
    routes.map((route) => route.target.database),
  );
  return expandWildcards(routes, sources).map((route) =>
    pair(route, findTable(sources, route.source), findTable(targets, route.target)),
  );
}

/** A route that names a table goes before a wildcard that would reach the same one. */
function expandWildcards(routes: readonly Route[], sources: readonly ServerTable[]): readonly Route[] {
  const named = routes.filter(({ source }) => source.table !== "*");
  const reached = new Set(named.flatMap(({ source, target }) => [fullName(source), `> ${fullName(target)}`]));
  const wild = routes
    .filter(({ source }) => source.table === "*")
    .flatMap((route) =>
      sources
        .filter(({ database }) => database === route.source.database)
        .map(({ database, table }) => ({
          ...route,
          source: { database, table },
          target: { database: route.target.database, table },
        })),
    );
  return [
    ...named,
    ...wild.filter(({ source, target }) => !reached.has(fullName(source)) && !reached.has(`> ${fullName(target)}`)),
  ];
}

function fullName({ database, table }: { readonly database: string; readonly table: string }): string {
  return `${database}.${table}`;
}

function findTable(tables: readonly ServerTable[], name: Route["source"]): ServerTable | undefined {
  return tables.find(({ database, table }) => database === name.database && table === name.table);
}

function pair(route: Route, source: ServerTable | undefined, target: ServerTable | undefined): ComparedTable {
  const names = { source: fullName(route.source), target: fullName(route.target), route };
  const nothing = { ...names, columns: [], key: [] };
  if (source === undefined) return { ...nothing, problem: `the source has no table ${names.source}` };
  if (target === undefined) return { ...nothing, problem: `the target has no table ${names.target}` };
  // A generated column is compared where both sides have it; only the stored ones have to be there.
  const followed = source.columns.filter(({ name, generated }) => !generated || findColumn(target, name) !== undefined);
  const wanted = route.columns ?? Object.fromEntries(followed.map(({ name }) => [name, name]));
  const columns = Object.entries(wanted).map(([from, to]) => ({
    source: findColumn(source, from),
    target: findColumn(target, to),
    name: to,
  }));
  const complete = columns.flatMap(({ source: from, target: to }) =>
    from === undefined || to === undefined ? [] : [{ source: from, target: to }],
  );
  const missing = columns.find(({ source: from, target: to }) => from === undefined || to === undefined);
  if (missing !== undefined)
    return { ...nothing, problem: `column ${missing.name} of ${names.target} is missing on one side` };
  const key = source.key.map((name) => complete.findIndex((column) => column.source.name === name));
  return { ...names, columns: complete, key: key.includes(-1) ? [] : key, problem: undefined };
}

/** Column names are never case-sensitive. */
function findColumn(table: ServerTable, name: string): Column | undefined {
  return table.columns.find((column) => column.name.toLowerCase() === name.toLowerCase());
}

async function readTables(connection: Connection, databases: readonly string[]): Promise<readonly ServerTable[]> {
  if (databases.length === 0) return [];
  const tables = await textRows(
    connection,
    `SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES
     WHERE TABLE_SCHEMA IN (?) AND TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED') ORDER BY 1, 2`,
    [databases],
  );
  // The two times of a system-versioned row are when this server wrote it, so they are never equal.
  const columns = await textRows(
    connection,
    `SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, LOWER(DATA_TYPE), COLUMN_TYPE, CHARACTER_SET_NAME,
       COALESCE(GENERATION_EXPRESSION, '') <> '' FROM information_schema.COLUMNS
     WHERE TABLE_SCHEMA IN (?) AND COALESCE(GENERATION_EXPRESSION, '') NOT IN ('ROW START', 'ROW END')
     ORDER BY TABLE_SCHEMA, TABLE_NAME, ORDINAL_POSITION`,
    [databases],
  );
  const keys = await textRows(
    connection,
    `SELECT TABLE_SCHEMA, TABLE_NAME, INDEX_NAME, GROUP_CONCAT(HEX(COLUMN_NAME) ORDER BY SEQ_IN_INDEX)
     FROM information_schema.STATISTICS WHERE TABLE_SCHEMA IN (?) AND NON_UNIQUE = 0
     GROUP BY 1, 2, 3 HAVING SUM(SUB_PART IS NOT NULL OR NULLABLE = 'YES') = 0
     ORDER BY 1, 2, INDEX_NAME <> 'PRIMARY', INDEX_NAME`,
    [databases],
  );
  return tables.map(([database = "", table = ""]) => {
    const own = ([rowDatabase, rowTable]: TextRow): boolean => rowDatabase === database && rowTable === table;
    return {
      database,
      table,
      columns: columns.filter(own).map(([, , name = "", type = "", fullType = "", characterSet, generated]) => ({
        name,
        type,
        fullType,
        characterSet: characterSet ?? null,
        generated: generated === "1",
      })),
      key: (keys.find(own)?.[3] ?? "")
        .split(",")
        .filter((name) => name !== "")
        .map(fromHex),
    };
  });
}

/** Names travel as hexadecimal, as they may hold the separator. */
function fromHex(text: string): string {
  return Buffer.from(text, "hex").toString("utf8");
}
