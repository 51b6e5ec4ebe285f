/** The tables that the statements of {@link applicationMix} change. */
import { type ColumnDefinition, type TableDefinition } from "../../handler/source/definition";

const number = {
  dataType: "bigint",
  columnType: "bigint(20)",
  unsigned: false,
  nullable: false,
  length: undefined,
  numericPrecision: 19,
  numericScale: 0,
  datetimePrecision: undefined,
  characterSet: undefined,
  collation: undefined,
  generated: false,
  invisible: false,
  autoIncrement: false,
  onUpdate: false,
} satisfies Omit<ColumnDefinition, "name">;

const text = {
  ...number,
  dataType: "varchar",
  columnType: "varchar(100)",
  length: 100,
  numericPrecision: undefined,
  numericScale: undefined,
  characterSet: "utf8mb4",
  collation: "utf8mb4_general_ci",
};

const time = {
  ...number,
  dataType: "datetime",
  columnType: "datetime",
  numericPrecision: undefined,
  numericScale: undefined,
  datetimePrecision: 0,
};

const decimal = {
  ...number,
  dataType: "decimal",
  columnType: "decimal(10,2)",
  numericPrecision: 10,
  numericScale: 2,
};

type Shape = Omit<ColumnDefinition, "name">;

function table(name: string, key: readonly string[], columns: Readonly<Record<string, Shape>>): TableDefinition {
  const autoIncrementKey = key.length === 1 && columns[key[0] ?? ""]?.autoIncrement === true ? key[0] : undefined;
  return {
    name: { database: "shop", table: name },
    columns: Object.entries(columns).map(([column, shape]) => ({ name: column, ...shape })),
    key,
    uniqueKeys: [],
    partialUniqueKeys: false,
    autoIncrementKey,
    transactional: true,
    setBeforeInsert: new Set(),
    setBeforeUpdate: new Set(),
  };
}

const key = { ...number, autoIncrement: true };

export const shopTables: readonly TableDefinition[] = [
  table("customers", ["id"], {
    id: key,
    name: text,
    email: text,
    segment: text,
    updated_at: { ...time, onUpdate: true },
  }),
  table("orders", ["id"], { id: key, customer_id: number, status: text, total: decimal, ordered_at: time }),
  table("order_lines", ["order_id", "line"], { order_id: number, line: number, product_id: number, quantity: number }),
  table("stock", ["product_id"], { product_id: number, quantity: number, reserved: number }),
];
