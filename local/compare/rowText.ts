/** SQL that turns a row into one text, so that two rows have the same text exactly when they are equal. */
import { identifier } from "../sqlText";
import { type Column } from "./tables";

const approximate = new Set(["float", "double", "real"]);
const exact = new Set(["tinyint", "smallint", "mediumint", "int", "bigint", "decimal"]);
const long = new Set([
  "tinytext",
  "text",
  "mediumtext",
  "longtext",
  "json",
  "tinyblob",
  "blob",
  "mediumblob",
  "longblob",
]);
const byteStrings = new Set(["binary", "varbinary", "bit"]);
const characters = new Set(["char", "varchar", "set"]);
const geometries =
  /^(?:geometry|point|linestring|polygon|multipoint|multilinestring|multipolygon|geometrycollection|geomcollection|vector)$/u;

/** One text for a row: the columns' texts with a comma between, which none of them holds; `N` stands for NULL. */
export function rowText(columns: readonly Column[], others: readonly Column[]): string {
  const texts = columns.map((column, index) => `COALESCE(${columnText(column, others[index])}, 'N')`);
  return `CONCAT_WS(',', ${texts.join(", ")})`;
}

function columnText(column: Column, other: Column | undefined): string {
  const name = identifier(column.name);
  // FLOAT prints rounded; as a sum with a double it prints every digit that counts.
  if (approximate.has(column.type)) return `CAST(${name} + 0e0 AS CHAR)`;
  // Without the zeros that ZEROFILL puts in front.
  if (exact.has(column.type)) return `CAST(${name} + 0 AS CHAR)`;
  if (byteStrings.has(column.type)) return `HEX(${name})`;
  // Long values by their digest: doubled as hexadecimal, they could exceed the longest text that the server makes.
  if (geometries.test(column.type)) return `MD5(${name})`;
  if (long.has(column.type)) return `MD5(${sameCharacters(column, other)})`;
  // The empty label and the invalid value, number 0, look the same.
  if (column.type === "enum") return `CONCAT(HEX(${sameCharacters(column, other)}), IF(${name} + 0 = 0, '!', ''))`;
  if (characters.has(column.type)) return `HEX(${sameCharacters(column, other)})`;
  return `CAST(${name} AS CHAR)`;
}

/** Strings are compared by their bytes, or by their characters when the two columns store these differently. */
function sameCharacters(column: Column, other: Column | undefined): string {
  const name = identifier(column.name);
  return column.characterSet === (other?.characterSet ?? null) ? name : `CONVERT(${name} USING utf8mb4)`;
}

/** A key column as people read it. */
export function keyText(column: Column): string {
  const name = identifier(column.name);
  return byteStrings.has(column.type) || (long.has(column.type) && column.characterSet === null)
    ? `CONCAT('0x', HEX(${name}))`
    : `CAST(${name} AS CHAR)`;
}
