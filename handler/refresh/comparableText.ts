/** What a column is compared by on the two sides, whose types need not be the same. */
import { comparesEqually, type PlannedColumn } from "../routes/plan";
import type { ColumnDefinition } from "../source/definition";
import { identifier, type SqlText } from "../sql/text";

const longTypes = /^(?:tiny|medium|long)?(?:text|blob)$|^json$/u;

export function isLong({ dataType }: ColumnDefinition): boolean {
  return longTypes.test(dataType);
}

/**
 * A column as bytes that are equal on both sides exactly when the target holds the source's value, or what its type makes
 * of it (DATETIME of DATETIME(6)). Long values are compared by their digest.
 */
export function comparableText(column: PlannedColumn, side: "source" | "target"): SqlText {
  const { source, target, introducer } = column;
  const { name, characterSet } = column[side];
  const read = side === "source" ? column.read : column.readTarget;
  const common = inCommonType(source, target, read);
  if (common !== undefined) return `CAST(${common} AS CHAR)`;
  const converted = characterSet !== undefined && source.characterSet !== target.characterSet;
  const bytes = converted ? `CONVERT(${identifier(name)} USING utf8mb4)` : read;
  if (isLong(source) || isLong(target) || introducer === "_binary") return `MD5(${bytes})`;
  return characterSet === undefined ? `CAST(${read} AS CHAR)` : `CAST(${bytes} AS BINARY)`;
}

/** A number or time in the target's type, where the same value has several texts: 1.5 and 1.50, 5 and 0005 (ZEROFILL). */
function inCommonType(source: ColumnDefinition, target: ColumnDefinition, read: SqlText): SqlText | undefined {
  if (comparesEqually(source, target)) return undefined;
  switch (target.dataType) {
    case "tinyint":
    case "smallint":
    case "mediumint":
    case "int":
    case "bigint":
      return `CAST(${read} AS ${target.unsigned ? "UNSIGNED" : "SIGNED"})`;
    case "decimal":
      return `CAST(${read} AS DECIMAL(${target.numericPrecision ?? 65}, ${target.numericScale ?? 0}))`;
    case "float":
    case "double":
      return `(${read} + 0e0)`;
    case "date":
      return `CAST(${read} AS DATE)`;
    case "datetime":
    case "timestamp":
      return `CAST(${read} AS DATETIME(${target.datetimePrecision ?? 0}))`;
    case "time":
      return `CAST(${read} AS TIME(${target.datetimePrecision ?? 0}))`;
    default:
      return undefined;
  }
}
