/** The parts of a table's definition at the source (or target) that touches and refreshes depend on. */

export interface TableName {
  readonly database: string;
  readonly table: string;
}

export interface ColumnDefinition {
  readonly name: string;
  /** `information_schema.COLUMNS.DATA_TYPE` in lower case: `int`, `varchar`, `datetime`, `decimal`, ... */
  readonly dataType: string;
  /** `COLUMN_TYPE` in full: `bigint(20) unsigned`, `enum('a','b')`. */
  readonly columnType: string;
  readonly unsigned: boolean;
  readonly nullable: boolean;
  /** Maximum length in characters (text types) or bytes (binary types). */
  readonly length: number | undefined;
  readonly numericPrecision: number | undefined;
  readonly numericScale: number | undefined;
  /** Fractional digits of seconds of temporal types. */
  readonly datetimePrecision: number | undefined;
  readonly characterSet: string | undefined;
  readonly collation: string | undefined;
  /** Virtual or stored generated column, or a system-versioning row_start/row_end: never written. */
  readonly generated: boolean;
  /** What a generated column is computed from, as the server writes it. Default: not known. */
  readonly expression?: string;
  readonly invisible: boolean;
  readonly autoIncrement: boolean;
  /** ON UPDATE CURRENT_TIMESTAMP: any UPDATE may change it. */
  readonly onUpdate: boolean;
  /** The column's default is NULL, so that an INSERT which leaves it out conflicts with no unique key. Default: not known. */
  readonly nullByDefault?: boolean;
}

export interface TableDefinition {
  readonly name: TableName;
  /** In ordinal position, generated and invisible ones included. */
  readonly columns: readonly ColumnDefinition[];
  /** Columns of the primary key or, without one, of the unique not-null key that identifies rows. Empty: none. */
  readonly key: readonly string[];
  /** Columns of each other unique key over whole columns. */
  readonly uniqueKeys: readonly (readonly string[])[];
  /** There are unique keys over prefixes of columns or over expressions, which `uniqueKeys` leaves out. */
  readonly partialUniqueKeys: boolean;
  /** The single key column when it is AUTO_INCREMENT: `tail` works on it. */
  readonly autoIncrementKey: string | undefined;
  /** InnoDB: a failed statement has been rolled back whole. */
  readonly transactional: boolean;
  /** Lower-case names of columns that a BEFORE INSERT trigger may set; `"all"` when its body was not understood. */
  readonly setBeforeInsert: ReadonlySet<string> | "all";
  /** Likewise for BEFORE UPDATE triggers. */
  readonly setBeforeUpdate: ReadonlySet<string> | "all";
  /** Other tables whose names differ from this one's in case only: nothing else is known then. Default: none. */
  readonly namesakes?: readonly TableName[];
  /** Lower-case names of columns that triggers read as NEW.x or OLD.x. Default: not known. */
  readonly readByTriggers?: ReadonlySet<string>;
}
