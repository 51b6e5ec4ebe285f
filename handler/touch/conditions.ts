/** Conditions on one operand: NULL tests, truth values and LIKE, as predicates that every session evaluates alike. */
import { literalExpression, type Bound } from "./comparison";
import { isRepresentable } from "./literalMatch";
import { isNumeric, unknownPredicate, type LiteralOperand, type Operand } from "./operands";
import type { Predicate } from "./touch";

export function toPredicate(operand: Operand): Predicate {
  switch (operand.kind) {
    case "condition":
      return operand.predicate;
    case "value":
      return isNumeric(operand) ? { kind: "truth", operand: operand.expression } : unknownPredicate;
    case "literal":
      return operand.form === "integer"
        ? { kind: "truth", operand: literalExpression(operand.literal) }
        : unknownPredicate;
    case "clock":
    case "shifted":
    case "age":
    case "row":
    case "rowValue":
    case "unknown":
      return unknownPredicate;
  }
}

/**
 * `x IS NULL`. Two exceptions of the servers: an AUTO_INCREMENT column under sql_auto_is_null finds the last inserted row,
 * and a zero date in a NOT NULL column is found as well.
 */
export function isNull(operand: Operand): Predicate {
  if (operand.kind !== "value" || operand.nullDependsOnSession) return unknownPredicate;
  const { column } = operand;
  if (column?.autoIncrement === true) return unknownPredicate;
  if (column?.nullable === false && (column.dataType === "date" || column.dataType === "datetime")) {
    return unknownPredicate;
  }
  return { kind: "isNull", operand: operand.expression };
}

/** `x IS TRUE` and `x IS FALSE`, which unlike `x` itself are never NULL. */
export function isTruth(operand: Operand, value: boolean): Predicate {
  if (operand.kind !== "value" || !isNumeric(operand)) return unknownPredicate;
  const holds: Predicate = { kind: "truth", operand: operand.expression };
  const known: Predicate = { kind: "not", operand: { kind: "isNull", operand: operand.expression } };
  return { kind: "and", operands: [value ? holds : { kind: "not", operand: holds }, known] };
}

export interface LikeOptions {
  readonly bound: Bound;
  /** As in `ESCAPE '!'`; `undefined`: the session's default. */
  readonly escape: Operand | undefined;
  /** Backslash is the default escape character and special in literals; `undefined`: not known. */
  readonly escapesInStrings: boolean | undefined;
}

/** `x LIKE 'pattern'` on a text column. CHAR is left out: its trailing spaces depend on sql_mode. */
export function like(operand: Operand, pattern: Operand, options: LikeOptions): Predicate {
  if (operand.kind !== "value" || operand.valueClass !== "text") return unknownPredicate;
  if (pattern.kind !== "literal" || pattern.form !== "string" || pattern.collation !== undefined)
    return unknownPredicate;
  const escapes = escapeCharacters(pattern, options);
  if (escapes.length === 0 || !pattern.texts.every((text) => isRepresentable(text, operand.characterSet))) {
    return unknownPredicate;
  }
  // `_` matches whatever character stood where the log shows a space.
  const patterns = pattern.spacesMayDiffer ? pattern.texts.map((text) => text.replaceAll(" ", "_")) : pattern.texts;
  const isExact = !pattern.spacesMayDiffer && patterns.length === 1 && escapes.length === 1;
  if (!isExact && options.bound === "below") return unknownPredicate;
  const likes = patterns.flatMap((text) =>
    escapes.map((escape): Predicate => ({ kind: "like", operand: operand.expression, pattern: text, escape })),
  );
  return likes.length === 1 && likes[0] !== undefined ? likes[0] : { kind: "or", operands: likes };
}

/** Every escape character that the session may use; none: not known. */
function escapeCharacters(pattern: LiteralOperand, options: LikeOptions): readonly string[] {
  const { escape } = options;
  if (escape === undefined) {
    const usesBackslash = pattern.texts.some((text) => text.includes("\\"));
    if (!usesBackslash || options.escapesInStrings === true) return ["\\"];
    return options.escapesInStrings === false ? [""] : ["\\", ""];
  }
  if (escape.kind !== "literal" || escape.texts.length !== 1) return [];
  const [character = ""] = escape.texts;
  return /^[\x21-\x7e]$/u.test(character) ? [character] : [];
}
