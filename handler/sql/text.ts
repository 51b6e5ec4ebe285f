/**
 * SQL text as bytes: every character of a {@link SqlText} is one byte (Latin-1). Values of the source travel in the
 * column's own character set without a detour through JavaScript strings, so that any byte sequence arrives as it was.
 */
import type { TableName } from "../source/definition";
import type { Literal } from "../touch/touch";

export type SqlText = string;

/** A value as the server sent it: the column's raw bytes, or NULL. */
export type Value = Buffer | null;

const special = /[\0\\']/g;
const nonAscii = /[^\0-\x7f]/;

/** The UTF-8 bytes of a JavaScript string. */
export function utf8(text: string): SqlText {
  return nonAscii.test(text) ? Buffer.from(text, "utf8").toString("latin1") : text;
}

/** A quoted identifier; a backtick in the name is doubled. */
export function identifier(name: string): SqlText {
  return `\`${utf8(name).replaceAll("`", "``")}\``;
}

export function tableIdentifier(name: TableName): SqlText {
  return `${identifier(name.database)}.${identifier(name.table)}`;
}

/** A string literal for our own sessions: backslash escapes are on and the client character set is binary. */
export function quoted(bytes: SqlText): SqlText {
  return `'${bytes.replace(special, escapeByte)}'`;
}

function escapeByte(byte: string): string {
  return byte === "\0" ? "\\0" : `\\${byte}`;
}

/** A JavaScript string as a utf8mb4 literal. */
export function text(value: string): SqlText {
  return `_utf8mb4${quoted(utf8(value))}`;
}

/**
 * A value as read from a column, as a literal that stores the same bytes. `introducer` names the column's character set
 * (`_latin1`), is `_binary` for byte types and empty for numbers and times, whose text the server converts exactly.
 */
export function value(bytes: Value, introducer: string): SqlText {
  return bytes === null ? "NULL" : introducer + quoted(bytes.toString("latin1"));
}

const numberShape = /^-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?$/;

/** A literal of a statement. Digits are checked again here: nothing else of a log's text reaches SQL unquoted. */
export function literal(given: Literal): SqlText {
  switch (given.type) {
    case "null":
      return "NULL";
    case "number":
      if (!numberShape.test(given.text)) throw new Error("a number literal is not a number");
      return given.text.startsWith("-") ? `(${given.text})` : given.text;
    case "string":
      return text(given.value);
    case "binary":
      if (!/^(?:[0-9a-f]{2})*$/iu.test(given.hex)) throw new Error("a binary literal is not hexadecimal");
      return `X'${given.hex}'`;
  }
}

/** `(a, b)` or, for one item, `a`: the shape that key comparisons need. */
export function tuple(items: readonly SqlText[]): SqlText {
  return items.length === 1 && items[0] !== undefined ? items[0] : `(${items.join(", ")})`;
}
