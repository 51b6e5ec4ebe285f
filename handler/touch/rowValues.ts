/** What is known of NEW.x and OLD.x when the body of a trigger is read. */
import type { ColumnDefinition } from "../source/definition";
import { classOf, type RowOperand } from "./operands";
import type { Literal } from "./touch";

/** By lower-case `new.column` and `old.column`. What is not here is not known. */
export type RowValues = ReadonlyMap<string, RowOperand>;

/** A predicate with more literals costs more than a comparison of chunks. */
const maximumLiterals = 1000;

/** `undefined`: too many, or none, which says nothing. */
export function rowValue(
  column: ColumnDefinition,
  literals: readonly Literal[],
  nullable: boolean,
): RowOperand | undefined {
  const distinct = new Map(literals.map((literal) => [JSON.stringify(literal), literal]));
  const known = [...distinct.values()].filter(({ type }) => type !== "null");
  if (known.length === 0 || known.length > maximumLiterals) return undefined;
  return { kind: "rowValue", column, literals: known, mayBeNull: nullable || known.length < distinct.size };
}

/** Classes that compare by their values alone; texts do by their collation as well. */
const plainClasses: ReadonlySet<string> = new Set(["integer", "decimal", "binary", "date", "datetime", "time", "uuid"]);

/** The server compares the two columns as it compares either with a literal of its own type. */
export function comparesAlike(a: ColumnDefinition, b: ColumnDefinition): boolean {
  const valueClass = classOf(a);
  if (valueClass === undefined || valueClass !== classOf(b)) return false;
  if (valueClass === "text" || valueClass === "char") {
    return a.collation === b.collation && a.characterSet === b.characterSet;
  }
  return plainClasses.has(valueClass);
}

/** Any text of the one column fits into the other: its literals are equal to it, but may be shorter. */
export function holdsTextsOf(to: ColumnDefinition, from: ColumnDefinition): boolean {
  const valueClass = classOf(from);
  if (valueClass !== "text" && valueClass !== "char") return true;
  const most = to.dataType.endsWith("text") ? Math.floor((to.length ?? 0) / 4) : (to.length ?? 0);
  return most >= (from.length ?? Infinity);
}
