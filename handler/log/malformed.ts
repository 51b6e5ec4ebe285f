/** Why a line is not an audit record that is understood whole. */
export type MalformedReason =
  /** Nothing but white space. */
  | "empty"
  /** No connection id, query id and operation in a row: not an audit record, or half of one. */
  | "no-head"
  /** An operation that no known engine writes; it might have changed a table. */
  | "unknown-operation"
  /** A QUERY record without its text in quotes. */
  | "no-text"
  /** A backslash sequence that no known engine writes: the text would not be the statement. */
  | "unknown-escape"
  /** The end of the record, from its text on, is not a return code. */
  | "no-retcode"
  /** Commas in a database or table name: where one ends and the other begins cannot be told. */
  | "ambiguous-name";
