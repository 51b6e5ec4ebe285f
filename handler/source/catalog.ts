/**
 * What `information_schema` says about tables and what stands behind them: triggers, routines, views, events and foreign
 * keys. The same code reads both sides.
 */
import type { Session } from "../sql/connection";
import { text, type SqlText, type Value } from "../sql/text";
import type { ColumnDefinition, TableDefinition, TableName } from "./definition";

export interface ForeignKey {
  readonly child: TableName;
  readonly childColumns: readonly string[];
  readonly parent: TableName;
  readonly parentColumns: readonly string[];
  /** `CASCADE`, `SET NULL`, `SET DEFAULT`, `RESTRICT`, `NO ACTION`. */
  readonly onDelete: string;
  readonly onUpdate: string;
}

/** A stored body of SQL that writes behind the text of other statements. */
export type StoredProgram =
  | {
      readonly type: "trigger";
      readonly database: string;
      readonly name: string;
      readonly table: TableName;
      readonly event: "insert" | "update" | "delete";
      readonly timing: "before" | "after";
      readonly body: string;
    }
  | {
      readonly type: "routine" | "view" | "event";
      readonly database: string;
      readonly name: string;
      /** Parameters of a routine: they hide columns of the same name. */
      readonly parameters: readonly string[];
      /** Empty when the sync's user may not see it. */
      readonly body: string;
    };

export interface Catalog {
  /** By {@link tableKey}. */
  readonly tables: ReadonlyMap<string, TableDefinition>;
  readonly foreignKeys: readonly ForeignKey[];
  readonly programs: readonly StoredProgram[];
}

/** Names are compared without case: whether it counts is a setting of each server, and the log does not tell. */
export function tableKey(name: TableName): string {
  return `${name.database}.${name.table}`.toLowerCase();
}

const systemDatabases = ["information_schema", "mysql", "performance_schema", "sys"];

/** Reads the definitions of every base table of the databases. */
export async function readTables(
  session: Session,
  databases: readonly string[],
  programs: readonly StoredProgram[],
): Promise<ReadonlyMap<string, TableDefinition>> {
  if (databases.length === 0) return new Map();
  const among = `IN (${databases.map(text).join(", ")})`;
  const tables = await strings(
    session,
    `SELECT TABLE_SCHEMA, TABLE_NAME, ENGINE FROM information_schema.TABLES
     WHERE TABLE_SCHEMA ${among} AND TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED')`,
  );
  const columns = groupByTable(
    await strings(
      session,
      `SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, DATA_TYPE, COLUMN_TYPE, IS_NULLABLE, CHARACTER_MAXIMUM_LENGTH,
         NUMERIC_PRECISION, NUMERIC_SCALE, DATETIME_PRECISION, CHARACTER_SET_NAME, COLLATION_NAME, EXTRA,
         GENERATION_EXPRESSION
       FROM information_schema.COLUMNS WHERE TABLE_SCHEMA ${among} ORDER BY TABLE_SCHEMA, TABLE_NAME, ORDINAL_POSITION`,
    ),
  );
  const indexes = groupByTable(
    await strings(
      session,
      `SELECT TABLE_SCHEMA, TABLE_NAME, INDEX_NAME, COLUMN_NAME, SUB_PART FROM information_schema.STATISTICS
       WHERE TABLE_SCHEMA ${among} AND NON_UNIQUE = 0 ORDER BY TABLE_SCHEMA, TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX`,
    ),
  );
  const result = new Map<string, TableDefinition>();
  for (const [database = "", table = "", engine = ""] of tables) {
    const name = { database, table };
    const namesake = result.get(tableKey(name));
    if (namesake !== undefined) {
      result.set(tableKey(name), unknownTable(namesake, name));
      continue;
    }
    const own = (columns.get(tableKey(name)) ?? []).map(toColumn);
    const triggers = programs.filter((program) => program.type === "trigger" && sameTable(program.table, name));
    result.set(tableKey(name), {
      name,
      columns: own,
      ...identify(own, indexes.get(tableKey(name)) ?? []),
      transactional: engine.toLowerCase() === "innodb",
      setBeforeInsert: setByTriggers(triggers, "insert"),
      setBeforeUpdate: setByTriggers(triggers, "update"),
      readByTriggers: new Set(triggers.flatMap(({ body }) => mentionedColumns(body.matchAll(rowColumn)))),
    });
  }
  return result;
}

/** What information_schema says of two tables cannot be told apart here, nor can what statements do to them. */
function unknownTable({ name, namesakes }: TableDefinition, other: TableName): TableDefinition {
  return {
    name,
    columns: [],
    key: [],
    uniqueKeys: [],
    partialUniqueKeys: true,
    autoIncrementKey: undefined,
    transactional: false,
    setBeforeInsert: "all",
    setBeforeUpdate: "all",
    namesakes: [...(namesakes ?? []), other],
  };
}

/** Reads everything that may write behind a statement's text, of all databases but the system's. */
export async function readPrograms(session: Session): Promise<readonly StoredProgram[]> {
  const others = `NOT IN (${systemDatabases.map(text).join(", ")})`;
  const triggers = await strings(
    session,
    `SELECT TRIGGER_SCHEMA, TRIGGER_NAME, EVENT_OBJECT_SCHEMA, EVENT_OBJECT_TABLE, EVENT_MANIPULATION, ACTION_TIMING,
       ACTION_STATEMENT FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA ${others}`,
  );
  const parameters = await strings(
    session,
    `SELECT SPECIFIC_SCHEMA, SPECIFIC_NAME, PARAMETER_NAME FROM information_schema.PARAMETERS
     WHERE SPECIFIC_SCHEMA ${others} AND PARAMETER_NAME IS NOT NULL`,
  );
  const bodies = await strings(
    session,
    `SELECT 'routine', ROUTINE_SCHEMA, ROUTINE_NAME, ROUTINE_DEFINITION FROM information_schema.ROUTINES
       WHERE ROUTINE_SCHEMA ${others}
     UNION ALL SELECT 'view', TABLE_SCHEMA, TABLE_NAME, VIEW_DEFINITION FROM information_schema.VIEWS
       WHERE TABLE_SCHEMA ${others}
     UNION ALL SELECT 'event', EVENT_SCHEMA, EVENT_NAME, EVENT_DEFINITION FROM information_schema.EVENTS
       WHERE EVENT_SCHEMA ${others} AND STATUS = 'ENABLED'`,
  );
  return [
    ...triggers.map(
      ([database = "", name = "", tableDatabase = "", table = "", event = "", timing = "", body = ""]) => ({
        type: "trigger" as const,
        database,
        name,
        table: { database: tableDatabase, table },
        event: event.toLowerCase() as "insert" | "update" | "delete",
        timing: timing.toLowerCase() as "before" | "after",
        body,
      }),
    ),
    ...bodies.map(([type = "", database = "", name = "", body = ""]) => ({
      type: type as "routine" | "view" | "event",
      database,
      name,
      body,
      parameters: parameters
        .filter(([schema, routine]) => schema === database && routine === name)
        .map(([, , parameter = ""]) => parameter),
    })),
  ];
}

export async function readForeignKeys(session: Session): Promise<readonly ForeignKey[]> {
  const rows = await strings(
    session,
    `SELECT k.CONSTRAINT_SCHEMA, k.TABLE_NAME, k.CONSTRAINT_NAME, k.REFERENCED_TABLE_SCHEMA, k.REFERENCED_TABLE_NAME,
       k.COLUMN_NAME, k.REFERENCED_COLUMN_NAME, r.DELETE_RULE, r.UPDATE_RULE
     FROM information_schema.KEY_COLUMN_USAGE k JOIN information_schema.REFERENTIAL_CONSTRAINTS r
       ON r.CONSTRAINT_SCHEMA = k.CONSTRAINT_SCHEMA AND r.CONSTRAINT_NAME = k.CONSTRAINT_NAME
         AND r.TABLE_NAME = k.TABLE_NAME
     WHERE k.REFERENCED_TABLE_NAME IS NOT NULL ORDER BY k.CONSTRAINT_SCHEMA, k.TABLE_NAME, k.CONSTRAINT_NAME,
       k.ORDINAL_POSITION`,
  );
  const keys = new Map<string, ForeignKey & { childColumns: string[]; parentColumns: string[] }>();
  for (const row of rows) {
    const [
      database = "",
      table = "",
      constraint = "",
      parentDatabase = "",
      parentTable = "",
      column = "",
      parent = "",
    ] = row;
    const id = JSON.stringify([database, table, constraint]);
    const key = keys.get(id) ?? {
      child: { database, table },
      childColumns: [],
      parent: { database: parentDatabase, table: parentTable },
      parentColumns: [],
      onDelete: row[7] ?? "",
      onUpdate: row[8] ?? "",
    };
    key.childColumns.push(column);
    key.parentColumns.push(parent);
    keys.set(id, key);
  }
  return [...keys.values()];
}

export function sameTable(a: TableName, b: TableName): boolean {
  return tableKey(a) === tableKey(b);
}

async function strings(session: Session, sql: SqlText): Promise<readonly (readonly (string | undefined)[])[]> {
  const rows = await session.rows(sql, "reading information_schema");
  return rows.map((row) => row.map((field: Value) => (field === null ? undefined : field.toString("utf8"))));
}

type TextRow = readonly (string | undefined)[];

function groupByTable(rows: readonly TextRow[]): Map<string, TextRow[]> {
  const groups = new Map<string, TextRow[]>();
  for (const [database = "", table = "", ...rest] of rows) {
    const key = tableKey({ database, table });
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [rest]);
    else group.push(rest);
  }
  return groups;
}

function toColumn(row: TextRow): ColumnDefinition {
  const [name = "", dataType = "", columnType = "", nullable, length, precision, scale, fraction, charset, collation] =
    row;
  const extra = row[10] ?? "";
  const number = (digits: string | undefined): number | undefined =>
    digits === undefined ? undefined : Number(digits);
  return {
    name,
    dataType: dataType.toLowerCase(),
    columnType,
    unsigned: /\bunsigned\b/iu.test(columnType),
    nullable: nullable === "YES",
    length: number(length),
    numericPrecision: number(precision),
    numericScale: number(scale),
    datetimePrecision: number(fraction),
    characterSet: charset,
    collation,
    // EXTRA also holds DEFAULT_GENERATED, which is a default and no generated column.
    generated:
      (row[11] ?? "") !== "" || /\b(?:VIRTUAL|STORED|PERSISTENT) GENERATED\b|\bSTORED\b.*\bROW\b/iu.test(extra),
    ...(row[11] === undefined || row[11] === "" ? {} : { expression: row[11] }),
    invisible: /\bINVISIBLE\b/iu.test(extra),
    autoIncrement: /\bauto_increment\b/iu.test(extra),
    onUpdate: /\bon update\b/iu.test(extra),
  };
}

/** Chooses the key that identifies rows: the primary key, else the first unique key without NULLs and prefixes. */
function identify(
  columns: readonly ColumnDefinition[],
  rows: readonly TextRow[],
): Pick<TableDefinition, "key" | "uniqueKeys" | "partialUniqueKeys" | "autoIncrementKey"> {
  const byName = new Map(columns.map((column) => [column.name.toLowerCase(), column]));
  const indexes = new Map<string, { columns: string[]; whole: boolean }>();
  for (const [index = "", column, prefix] of rows) {
    const entry = indexes.get(index) ?? { columns: [], whole: true };
    const definition = column === undefined ? undefined : byName.get(column.toLowerCase());
    // MariaDB appends the row_end of a system-versioned table to its keys: it tells versions apart, not rows.
    if (definition?.generated === true && /^(?:timestamp|bigint)/u.test(definition.dataType) && index === "PRIMARY")
      continue;
    if (column === undefined || prefix !== undefined) entry.whole = false;
    if (column !== undefined) entry.columns.push(column);
    indexes.set(index, entry);
  }
  const candidates = [...indexes].filter(
    ([, index]) =>
      index.whole &&
      index.columns.length > 0 &&
      index.columns.every((column) => byName.get(column.toLowerCase())?.nullable === false),
  );
  const chosen = candidates.find(([name]) => name === "PRIMARY") ?? candidates[0];
  const key = chosen?.[1].columns ?? [];
  const first = key.length === 1 && key[0] !== undefined ? byName.get(key[0].toLowerCase()) : undefined;
  return {
    key,
    uniqueKeys: [...indexes]
      .filter(([name, { whole }]) => name !== chosen?.[0] && whole)
      .map(([, index]) => index.columns),
    partialUniqueKeys: [...indexes].some(([, { whole }]) => !whole),
    autoIncrementKey: first?.autoIncrement === true ? first.name : undefined,
  };
}

const rowColumn = /\b(?:NEW|OLD)\b[`"]?\s*\.\s*(?:`((?:[^`]|``)+)`|"([^"]+)"|([\w$\u0080-\uffff]+))/giu;
const newColumn = /\bNEW\b[`"]?\s*\.\s*(?:`((?:[^`]|``)+)`|"([^"]+)"|([\w$\u0080-\uffff]+))/giu;

/** Columns that a BEFORE trigger mentions as NEW.x: it may set them. */
function setByTriggers(triggers: readonly StoredProgram[], event: string): ReadonlySet<string> | "all" {
  const names = new Set<string>();
  for (const trigger of triggers) {
    if (trigger.type !== "trigger" || trigger.timing !== "before" || trigger.event !== event) continue;
    const mentions = [...trigger.body.matchAll(newColumn)];
    if (trigger.body === "" || mentions.length !== [...trigger.body.matchAll(/\bNEW\b/giu)].length) return "all";
    for (const name of mentionedColumns(mentions)) names.add(name);
  }
  return names;
}

function mentionedColumns(mentions: Iterable<RegExpExecArray>): readonly string[] {
  return [...mentions].map(([, quoted, doubled, plain]) =>
    (quoted?.replaceAll("``", "`") ?? doubled ?? plain ?? "").toLowerCase(),
  );
}
