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
const characters = new Set(["char", "varchar", "set", "enum"]);
const dates = new Set(["date", "datetime", "timestamp"]);
const strings = new Set([...long, ...byteStrings, ...characters]);
const geometries =
  /^(?:geometry|point|linestring|polygon|multipoint|multilinestring|multipolygon|geometrycollection|geomcollection|vector)$/u;

/** One text for a row: the columns' texts with a comma between, which none of them holds; `N` stands for NULL. */
export function rowText(columns: readonly Column[], others: readonly Column[]): string {
  const texts = columns.map((column, index) => `COALESCE(${columnText(column, others[index] ?? column)}, 'N')`);
  return `CONCAT_WS(',', ${texts.join(", ")})`;
}

/** The text depends on both columns' types in the same way, so that each side makes the same one of the same value. */
function columnText(column: Column, other: Column): string {
  const name = identifier(column.name);
  const types = [column.type, other.type];
  const all = (set: ReadonlySet<string>): boolean => types.every((type) => set.has(type));
  const alike = column.fullType === other.fullType;
  // FLOAT prints rounded; as a sum with a double it prints every digit that counts.
  if (types.some((type) => approximate.has(type))) return `CAST(${name} + 0e0 AS CHAR)`;
  if (all(exact)) {
    // Without the zeros that ZEROFILL puts in front, and with as many behind the point.
    return alike || !types.includes("decimal")
      ? `CAST(${name} + 0 AS CHAR)`
      : `CAST(CAST(${name} AS DECIMAL(65,30)) AS CHAR)`;
  }
  if (geometries.test(column.type)) return `MD5(${name})`;
  // The empty label and the invalid value, number 0, look the same.
  if (types.every((type) => type === "enum"))
    return `CONCAT(HEX(${sameCharacters(column, other)}), IF(${name} + 0 = 0, '!', ''))`;
  if (all(strings)) {
    const text = sameCharacters(column, other);
    // Long values by their digest: doubled as hexadecimal, they could exceed the longest text that the server makes.
    return types.some((type) => long.has(type)) ? `MD5(${text})` : `HEX(${text})`;
  }
  if (all(dates) && !alike) return `CAST(CAST(${name} AS DATETIME(6)) AS CHAR)`;
  if (types.every((type) => type === "time")) return `CAST(CAST(${name} AS TIME(6)) AS CHAR)`;
  return `HEX(CAST(${name} AS CHAR))`;
}

/** Strings are compared by their bytes, or by their characters when the two columns store these differently. */
function sameCharacters(column: Column, other: Column): string {
  const name = identifier(column.name);
  return column.characterSet === other.characterSet ? name : `CONVERT(${name} USING utf8mb4)`;
}

/** A key column as people read it. */
export function keyText(column: Column): string {
  const name = identifier(column.name);
  return byteStrings.has(column.type) || (long.has(column.type) && column.characterSet === null)
    ? `CONCAT('0x', HEX(${name}))`
    : `CAST(${name} AS CHAR)`;
}
