/** Definitions of tables, as the source's information_schema would give them. */
import type { ColumnDefinition, TableDefinition } from "../../../handler/source/definition";
import { readStatement, type StatementContext } from "../../../handler/touch/statement";
import { TableIndex } from "../../../handler/touch/tableIndex";
import type { StatementEffects } from "../../../handler/touch/touch";

const empty: ColumnDefinition = {
  name: "",
  dataType: "",
  columnType: "",
  unsigned: false,
  nullable: false,
  length: undefined,
  numericPrecision: undefined,
  numericScale: undefined,
  datetimePrecision: undefined,
  characterSet: undefined,
  collation: undefined,
  generated: false,
  invisible: false,
  autoIncrement: false,
  onUpdate: false,
};

/**
 * A column from its type as in CREATE TABLE: `bigint unsigned`, `varchar(20)`, `datetime(6)`, `decimal(10,2)`. Text is
 * utf8mb4 with utf8mb4_general_ci.
 */
export function column(name: string, type: string, overrides: Partial<ColumnDefinition> = {}): ColumnDefinition {
  const [, dataType = "", first, second] = /^(\w+)(?:\((\d+)(?:,(\d+))?\))?/u.exec(type) ?? [];
  const number = first === undefined ? undefined : Number(first);
  const isText = /char$|text$/u.test(dataType);
  const isBytes = /binary$|blob$/u.test(dataType);
  return {
    ...empty,
    name,
    dataType,
    columnType: type,
    unsigned: type.includes("unsigned"),
    length: isText || isBytes ? (number ?? 65_535) : undefined,
    numericPrecision: dataType === "decimal" ? (number ?? 10) : undefined,
    numericScale: dataType === "decimal" ? Number(second ?? 0) : undefined,
    datetimePrecision: /^(?:datetime|timestamp|time)$/u.test(dataType) ? (number ?? 0) : undefined,
    ...(isText ? { characterSet: "utf8mb4", collation: "utf8mb4_general_ci" } : {}),
    ...overrides,
  };
}

export const nullable = { nullable: true, nullByDefault: true } as const;
export const autoIncrement = { autoIncrement: true } as const;

/** A table whose first column is its key. */
export function table(
  name: string,
  columns: readonly ColumnDefinition[],
  overrides: Partial<TableDefinition> = {},
): TableDefinition {
  const [first] = columns;
  const [database, own] = name.includes(".") ? name.split(".") : ["shop", name];
  return {
    name: { database: database ?? "", table: own ?? "" },
    columns,
    key: first === undefined ? [] : [first.name],
    uniqueKeys: [],
    partialUniqueKeys: false,
    autoIncrementKey: first?.autoIncrement === true ? first.name : undefined,
    transactional: true,
    setBeforeInsert: new Set(),
    setBeforeUpdate: new Set(),
    ...overrides,
  };
}

/** A reader of statements over these tables, in the database `shop` unless it is told another context. */
export function readerOf(
  definitions: readonly TableDefinition[],
): (sql: string, overrides?: Partial<StatementContext>) => StatementEffects {
  const context: StatementContext = {
    database: "shop",
    dialect: "mariadb",
    truncated: false,
    retcode: 0,
    tables: new TableIndex(definitions),
    now: undefined,
  };
  return (sql, overrides = {}) => readStatement(sql, { ...context, ...overrides });
}
