/**
 * Makes new tables and new columns of the source at the target too, for routes that say so. Nothing is ever dropped or
 * changed there.
 *
 * The statements are built from the source's definitions and not from its text, so that nothing but columns and indexes
 * comes across: no expressions, no engines that reach elsewhere, no directories. What the source computes becomes an
 * ordinary column and is copied. Columns outside the key may be NULL, so that rows still fit when the source drops one.
 */
import type { Route } from "../contract/routes";
import { SyncError } from "../errors";
import { tableKey } from "../source/catalog";
import type { ColumnDefinition, TableDefinition } from "../source/definition";
import type { Session } from "../sql/connection";
import { identifier, tableIdentifier, text, utf8, type SqlText } from "../sql/text";

export interface FollowedSchema {
  /** Something was made: the target's definitions have to be read again. */
  readonly changed: boolean;
  /** By {@link tableKey} of the target: what could not be made, and why. */
  readonly problems: ReadonlyMap<string, string>;
}

type Tables = ReadonlyMap<string, TableDefinition>;

/** `routes`: without wildcards. */
export async function followSchema(
  routes: readonly Route[],
  tables: { readonly sources: Tables; readonly targets: Tables },
  sessions: { readonly source: Session; readonly target: Session },
): Promise<FollowedSchema> {
  let changed = false;
  const problems = new Map<string, string>();
  for (const route of routes.filter((candidate) => candidate.followSchema)) {
    const source = tables.sources.get(tableKey(route.source));
    const target = tables.targets.get(tableKey(route.target));
    // The route is refused by name.
    if (source === undefined || source.namesakes !== undefined || target?.namesakes !== undefined) continue;
    try {
      const statements =
        target === undefined ? await newTable(source, route, sessions.source) : newColumns(source, target);
      for (const statement of statements) {
        changed = true;
        await make(sessions.target, statement, route);
      }
    } catch (error) {
      if (!(error instanceof SyncError) || !belongsToRoute(error)) throw error;
      problems.set(tableKey(route.target), error.message);
    }
  }
  return { changed, problems };
}

/** A lost connection or a lock is nobody's to mend; what the server refuses is. */
function belongsToRoute(error: SyncError): boolean {
  return error.kind !== "transient" || error.code === "UNEXPECTED";
}

/** ER_TABLE_EXISTS_ERROR, ER_DUP_FIELDNAME: another worker was faster. */
const madeAlready: ReadonlySet<number> = new Set([1050, 1060]);

async function make(session: Session, statement: SqlText, route: Route): Promise<void> {
  try {
    await session.run(statement, `making ${tableKey(route.target)} like the source's`);
  } catch (error) {
    if (!(error instanceof SyncError) || !madeAlready.has(error.errno ?? 0)) throw error;
  }
}

async function newTable(source: TableDefinition, route: Route, session: Session): Promise<readonly SqlText[]> {
  // The route is refused by name.
  if (source.key.length === 0) return [];
  const list = (names: readonly string[]): SqlText => `(${names.map(identifier).join(", ")})`;
  const columns = source.columns.filter((column) => !isPeriod(column));
  const whole = (names: readonly string[]): boolean =>
    names.every((name) => columns.some((column) => same(column.name, name)));
  const parts = [
    ...columns.map((column) => columnPart(source, column)),
    `PRIMARY KEY ${list(source.key)}`,
    ...source.uniqueKeys.filter(whole).map((names) => `UNIQUE KEY ${list(names)}`),
    ...(await readIndexes(source, session)).filter(whole).map((names) => `KEY ${list(names)}`),
  ];
  return [
    `CREATE DATABASE IF NOT EXISTS ${identifier(route.target.database)}`,
    `CREATE TABLE IF NOT EXISTS ${tableIdentifier(route.target)} (${parts.join(", ")}) ENGINE = InnoDB`,
  ];
}

function newColumns(source: TableDefinition, target: TableDefinition): readonly SqlText[] {
  return source.columns
    .filter((column) => !isPeriod(column) && !target.columns.some((own) => same(own.name, column.name)))
    .map((column) => `ALTER TABLE ${tableIdentifier(target.name)} ADD COLUMN ${columnPart(source, column)}`);
}

/** Columns of the indexes that are not unique: searches at the target need them as well. */
async function readIndexes({ name }: TableDefinition, session: Session): Promise<readonly (readonly string[])[]> {
  const rows = await session.rows(
    `SELECT INDEX_NAME, COLUMN_NAME FROM information_schema.STATISTICS
     WHERE TABLE_SCHEMA = ${text(name.database)} AND TABLE_NAME = ${text(name.table)} AND NON_UNIQUE = 1
       AND INDEX_TYPE = 'BTREE' AND INDEX_NAME NOT IN (SELECT INDEX_NAME FROM information_schema.STATISTICS
         WHERE TABLE_SCHEMA = ${text(name.database)} AND TABLE_NAME = ${text(name.table)}
           AND (SUB_PART IS NOT NULL OR COLUMN_NAME IS NULL))
     ORDER BY INDEX_NAME, SEQ_IN_INDEX`,
    "reading information_schema",
  );
  const indexes = new Map<string, string[]>();
  for (const [index, column] of rows) {
    const key = index?.toString("utf8") ?? "";
    indexes.set(key, [...(indexes.get(key) ?? []), column?.toString("utf8") ?? ""]);
  }
  return [...indexes.values()];
}

/** When a row of a system-versioned table was valid: the target's would be its own. */
function isPeriod(column: ColumnDefinition): boolean {
  return column.generated && /^row (?:start|end)$/iu.test(column.expression ?? "");
}

const typeShape =
  /^[a-z][a-z0-9 ]*(?:\((?:\d+(?:,\d+)?|'(?:[^'\\]|''|\\.)*'(?:,'(?:[^'\\]|''|\\.)*')*)\))?(?: unsigned)?(?: zerofill)?(?: \/\*M?!\d+ [A-Z]+\*\/)?$/su;

function columnPart(table: TableDefinition, column: ColumnDefinition): SqlText {
  if (!typeShape.test(column.columnType)) {
    throw new SyncError(
      "SCHEMA_MISMATCH",
      `the type of ${tableKey(table.name)}.${column.name} cannot be made; make it by hand`,
    );
  }
  const { characterSet, collation } = column;
  const set =
    characterSet === undefined || collation === undefined
      ? ""
      : ` CHARACTER SET ${identifier(characterSet)} COLLATE ${identifier(collation)}`;
  const inKey = table.key.some((name) => same(name, column.name));
  return `${identifier(column.name)} ${utf8(column.columnType)}${set} ${inKey ? "NOT NULL" : "NULL"}`;
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
