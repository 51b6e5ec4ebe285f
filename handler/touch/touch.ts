import type { TableName } from "../source/definition";

/** A literal of a statement, exact: digits are never turned into a JavaScript number. */
export type Literal =
  | { readonly type: "null" }
  /** Integer, decimal or scientific digits as written, with an optional leading `-`: `-12`, `1.50`, `1e3`. */
  | { readonly type: "number"; readonly text: string }
  | { readonly type: "string"; readonly value: string }
  /** `X'4d'`, `0x4d`, `b'01'` (as hex), `_binary'..'`: an even number of hex digits. */
  | { readonly type: "binary"; readonly hex: string };

/** The value part of a predicate: a closed grammar, evaluated by the database on the table's own columns. */
export type Expression =
  | { readonly kind: "column"; readonly name: string }
  | { readonly kind: "literal"; readonly literal: Literal }
  /** `+ - * / % DIV` and unary `-`. */
  | { readonly kind: "arithmetic"; readonly operator: string; readonly operands: readonly Expression[] }
  /** A pure and cheap built-in from a short list, by its upper-case name. */
  | { readonly kind: "function"; readonly name: string; readonly operands: readonly Expression[] };

export type ComparisonOperator = "=" | "<=>" | "<" | "<=" | ">" | ">=" | "<>";

/**
 * A condition on the columns of one table. `unknown` stands for text that is outside the grammar: whoever evaluates the
 * predicate must let it select (`superset` in predicate.ts does that, minding NOT).
 */
export type Predicate =
  | { readonly kind: "unknown" }
  | { readonly kind: "and" | "or"; readonly operands: readonly Predicate[] }
  | { readonly kind: "not"; readonly operand: Predicate }
  | {
      readonly kind: "compare";
      readonly operator: ComparisonOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: "in"; readonly operand: Expression; readonly values: readonly Expression[] }
  /** `(a, b) IN ((1, 2), (3, 4))`; a row comparison `(a, b) = (1, 2)` has one tuple. */
  | {
      readonly kind: "rowIn";
      readonly operands: readonly Expression[];
      readonly rows: readonly (readonly Expression[])[];
    }
  | { readonly kind: "between"; readonly operand: Expression; readonly low: Expression; readonly high: Expression }
  | { readonly kind: "like"; readonly operand: Expression; readonly pattern: string; readonly escape: string }
  | { readonly kind: "isNull"; readonly operand: Expression }
  /** A bare expression as a condition: `WHERE active`. */
  | { readonly kind: "truth"; readonly operand: Expression };

/** What a statement may have changed in one synchronised source table: always a superset. */
export type Touch =
  /** Rows by key, one literal for each column of the table's `key`, in its order. */
  | { readonly kind: "keys"; readonly table: TableName; readonly keys: readonly (readonly Literal[])[] }
  | {
      readonly kind: "where";
      readonly table: TableName;
      /** Held on the row before the statement. Names columns as the source table has them. */
      readonly predicate: Predicate;
      readonly operation: "update" | "delete";
      /**
       * update: lower-case names of columns whose value may differ after it (assigned, ON UPDATE, generated, set by a
       * BEFORE trigger), so that the rest of the predicate still holds on the row after it. `"all"`: not known.
       */
      readonly changed: readonly string[] | "all";
      /**
       * update: columns that certainly hold this literal after it (a plain literal assigned, of the column's own type
       * and within its range, and nothing else sets the column).
       */
      readonly assigned: Readonly<Record<string, Literal>>;
    }
  /** Rows that an INSERT made under generated AUTO_INCREMENT keys. */
  | { readonly kind: "tail"; readonly table: TableName }
  | { readonly kind: "all"; readonly table: TableName; readonly reason: WideningReason };

/** Why a touch selects more than its statement names; one metric each. */
export type WideningReason =
  | "ddl"
  | "truncated"
  | "unparsable"
  | "unknown-key"
  | "unknown-predicate"
  | "unknown-statement"
  | "insert-select"
  | "load-data"
  | "truncate"
  | "key-change"
  | "view"
  | "call"
  | "trigger"
  | "cascade"
  | "unexplained-write"
  | "malformed"
  | "column-not-at-target"
  | "refused-predicate"
  | "backfill"
  | "repair";

/** A table that a statement's text writes, synchronised or not: triggers, cascades and views hang on it. */
export interface Write {
  /** `undefined`: unqualified and the record had no default database. */
  readonly database: string | undefined;
  readonly table: string;
  readonly operation: "insert" | "update" | "delete" | "replace" | "ddl" | "unknown";
  /** update: lower-case names of the columns that it assigns; `undefined` when not known. */
  readonly assigns?: readonly string[] | undefined;
  /**
   * insert, replace: by lower-case name of a column that triggers read, literals of which one is equal to what each new row
   * holds. Columns that are not here: not known.
   */
  readonly inserted?: ReadonlyMap<string, readonly Literal[]>;
}

/** Everything that one statement's text says. */
export interface StatementEffects {
  readonly touches: readonly Touch[];
  readonly writes: readonly Write[];
  /** Routines that the text may run: CALL targets and functions that are not built in, as written (maybe `db.name`). */
  readonly calls: readonly string[];
  /** The text changes a schema: pictures of tables are old. */
  readonly schemaChange: boolean;
  /** The text removes or replaces what stands behind other texts: a trigger, routine, event or view. */
  readonly programChange: boolean;
  /** Triggers or foreign keys of tables that the text names go: with the table, with its name, or by themselves. */
  readonly tablesGone: boolean;
  /** The statement failed, and transactional tables hold nothing of what it or anything behind it wrote. */
  readonly undone: boolean;
  /** The text was cut or not understood, or runs statements that it does not show: it may run any routine. */
  readonly mayCallAnything: boolean;
}
