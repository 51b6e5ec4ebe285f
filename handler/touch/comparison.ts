/**
 * Comparisons of own columns with what a statement says, as predicates that another session evaluates alike.
 *
 * Some right sides are only known within bounds (the clock, a literal with several meanings, a TIMESTAMP in an unknown
 * zone). Then the predicate is a bound of the text's condition, and the side depends on how it is used: `above` holds
 * wherever the condition is true; `below`, for use under NOT, is false wherever the condition is false.
 */
import type { ClockBounds } from "./clock";
import { matchLiteral, rangeFor, type LiteralMatch } from "./literalMatch";
import { ageBounds, unshifted } from "./clockDistance";
import {
  isDate,
  isNumeric,
  isText,
  literalOperand,
  unknownPredicate,
  type AgeOperand,
  type LiteralOperand,
  type Operand,
  type RowOperand,
  type ShiftedOperand,
  type ValueOperand,
} from "./operands";
import { comparesAlike } from "./rowValues";
import type { ComparisonOperator, Expression, Literal, Predicate } from "./touch";

export type Bound = "above" | "below";

export function flip(bound: Bound): Bound {
  return bound === "above" ? "below" : "above";
}

export interface ComparisonContext {
  readonly now: ClockBounds | undefined;
  /** The engine is MySQL, not MariaDB. */
  readonly isMysql: boolean;
}

const mirrored: Readonly<Record<ComparisonOperator, ComparisonOperator>> = {
  "=": "=",
  "<=>": "<=>",
  "<>": "<>",
  "<": ">",
  "<=": ">=",
  ">": "<",
  ">=": "<=",
};

export function compare(
  context: ComparisonContext,
  bound: Bound,
  operator: ComparisonOperator,
  left: Operand,
  right: Operand,
): Predicate {
  if (left.kind === "value") return compareValue(context, bound, operator, left, right);
  if (right.kind === "value") return compareValue(context, bound, mirrored[operator], right, left);
  if (left.kind === "literal" && right.kind === "literal" && isPlainNumber(left) && isPlainNumber(right)) {
    return {
      kind: "compare",
      operator,
      left: literalExpression(left.literal),
      right: literalExpression(right.literal),
    };
  }
  if (left.kind === "row" && right.kind === "row") return compareRows(context, operator, left.items, right.items);
  if (left.kind === "shifted" || left.kind === "age") return compareTime(context, bound, operator, left, right);
  if (right.kind === "shifted" || right.kind === "age") {
    return compareTime(context, bound, mirrored[operator], right, left);
  }
  return unknownPredicate;
}

function isPlainNumber(operand: LiteralOperand): boolean {
  return operand.form === "integer" || operand.form === "decimal";
}

function compareValue(
  context: ComparisonContext,
  bound: Bound,
  operator: ComparisonOperator,
  value: ValueOperand,
  other: Operand,
): Predicate {
  if (operator === "<=>" && value.nullDependsOnSession) return unknownPredicate;
  if (other.kind === "rowValue") return compareRowValue(context, bound, operator, value, other);
  if (other.kind === "value") return compareValues(operator, value, other);
  const range = rangeFor(context.now, value, other);
  if (range !== undefined) return compareRange(bound, operator, value.expression, range.low, range.high);
  if (other.kind !== "literal") return unknownPredicate;
  const match = matchLiteral(context.isMysql, value, other);
  if (match === undefined) return unknownPredicate;
  const equality = operator === "=" || operator === "<=>" || operator === "<>";
  if (match.equalityOnly && !equality) return unknownPredicate;
  if (match.kind === "exact") return leaf(operator, value.expression, match.literal);
  return equality ? compareReadings(bound, operator, value.expression, match) : unknownPredicate;
}

/** `sku = NEW.sku`. The value is one of several, which says nothing under NOT. */
function compareRowValue(
  context: ComparisonContext,
  bound: Bound,
  operator: ComparisonOperator,
  value: ValueOperand,
  other: RowOperand,
): Predicate {
  const { column } = value;
  if (operator !== "=" || bound === "below" || column === undefined) return unknownPredicate;
  if (!comparesAlike(column, other.column)) return unknownPredicate;
  return compareIn(context, bound, value, other.literals.map(literalOperand));
}

function compareTime(
  context: ComparisonContext,
  bound: Bound,
  operator: ComparisonOperator,
  left: ShiftedOperand | AgeOperand,
  right: Operand,
): Predicate {
  if (left.kind === "shifted") {
    if (right.kind !== "clock" || right.scale === "unix") return unknownPredicate;
    return compareValue(context, bound, operator, left.value, unshifted(left, right));
  }
  if (bound === "below" || right.kind !== "literal" || right.form !== "integer") return unknownPredicate;
  const digits = right.literal.type === "number" ? right.literal.text : "";
  const bounds = ageBounds(left, operator, digits);
  if (bounds.length === 0) return unknownPredicate;
  const operands = bounds.map((each) => compareValue(context, bound, each.operator, left.value, each.clock));
  return { kind: "and", operands };
}

function leaf(operator: ComparisonOperator, left: Expression, literal: Literal): Predicate {
  return { kind: "compare", operator, left, right: literalExpression(literal) };
}

export function literalExpression(literal: Literal): Expression {
  return { kind: "literal", literal };
}

/** Equality with one of several texts: true at most where the value is any of them. */
function compareReadings(
  bound: Bound,
  operator: ComparisonOperator,
  expression: Expression,
  match: Exclude<LiteralMatch, { kind: "exact" }>,
): Predicate {
  const any = anyReading(expression, match);
  if (operator === "<>") return bound === "below" ? { kind: "not", operand: any } : unknownPredicate;
  return bound === "above" ? any : unknownPredicate;
}

function anyReading(expression: Expression, match: Exclude<LiteralMatch, { kind: "exact" }>): Predicate {
  if (match.kind === "anyOf") return { kind: "in", operand: expression, values: match.literals.map(literalExpression) };
  const plain = withPlainSpaces(expression);
  return { kind: "in", operand: plain, values: match.literals.map(literalExpression) };
}

/** Every white space character that the log shows as a space becomes one, as in the log. */
function withPlainSpaces(expression: Expression): Expression {
  const string = (value: string): Expression => literalExpression({ type: "string", value });
  return ["\n", "\t", "\r"].reduce<Expression>(
    (inner, space) => ({ kind: "function", name: "REPLACE", operands: [inner, string(space), string(" ")] }),
    expression,
  );
}

/** Comparison with something between `low` and `high`, both included. */
function compareRange(
  bound: Bound,
  operator: ComparisonOperator,
  expression: Expression,
  low: Literal,
  high: Literal,
): Predicate {
  const within: Predicate = {
    kind: "between",
    operand: expression,
    low: literalExpression(low),
    high: literalExpression(high),
  };
  switch (operator) {
    case "=":
    case "<=>":
      return bound === "above" ? within : unknownPredicate;
    case "<>":
      return bound === "below" ? { kind: "not", operand: within } : unknownPredicate;
    case "<":
    case "<=":
      return leaf(operator, expression, bound === "above" ? high : low);
    case ">":
    case ">=":
      return leaf(operator, expression, bound === "above" ? low : high);
  }
}

function compareValues(operator: ComparisonOperator, left: ValueOperand, right: ValueOperand): Predicate {
  if (operator === "<=>" && right.nullDependsOnSession) return unknownPredicate;
  const comparable =
    (isNumeric(left) && isNumeric(right)) ||
    (isText(left) && isText(right) && left.collation === right.collation) ||
    (isDate(left) && isDate(right)) ||
    (left.valueClass === "binary" && right.valueClass === "binary");
  if (!comparable) return unknownPredicate;
  return { kind: "compare", operator, left: left.expression, right: right.expression };
}

/** `(a, b) = (1, 2)`; other operators on rows are not used enough to be worth their rules. */
function compareRows(
  context: ComparisonContext,
  operator: ComparisonOperator,
  left: readonly Operand[],
  right: readonly Operand[],
): Predicate {
  if (operator !== "=" && operator !== "<>") return unknownPredicate;
  const equal = compareRowList(context, left, [right]);
  return operator === "=" ? equal : { kind: "not", operand: equal };
}

/** `(a, b) IN ((1, 2), (3, 4))` with exact literals only, which bounds from both sides. */
function compareRowList(
  context: ComparisonContext,
  left: readonly Operand[],
  rows: readonly (readonly Operand[])[],
): Predicate {
  const operands: Expression[] = [];
  for (const operand of left) {
    if (operand.kind !== "value" || operand.nullDependsOnSession) return unknownPredicate;
    operands.push(operand.expression);
  }
  const tuples: (readonly Expression[])[] = [];
  for (const row of rows) {
    if (row.length !== left.length) return unknownPredicate;
    const tuple: Expression[] = [];
    for (const [index, item] of row.entries()) {
      const value = left[index];
      if (value?.kind !== "value" || item.kind !== "literal") return unknownPredicate;
      const match = matchLiteral(context.isMysql, value, item);
      if (match?.kind !== "exact") return unknownPredicate;
      tuple.push(literalExpression(match.literal));
    }
    tuples.push(tuple);
  }
  return { kind: "rowIn", operands, rows: tuples };
}

/** `left IN (values)`. */
export function compareIn(
  context: ComparisonContext,
  bound: Bound,
  left: Operand,
  values: readonly Operand[],
): Predicate {
  if (left.kind === "row") {
    const rows = values.map((value) => (value.kind === "row" ? value.items : [value]));
    return compareRowList(context, left.items, rows);
  }
  if (left.kind !== "value" || left.nullDependsOnSession) return unknownPredicate;
  const literals: Literal[] = [];
  let exact = true;
  for (const value of values) {
    const match = value.kind === "literal" ? matchLiteral(context.isMysql, left, value) : undefined;
    if (match === undefined || match.kind === "spaced") return unknownPredicate;
    if (match.kind === "exact") literals.push(match.literal);
    else {
      exact = false;
      literals.push(...match.literals);
    }
  }
  // Lists of mixed types compare by rules of their own.
  const types = new Set(literals.map(({ type }) => type).filter((type) => type !== "null"));
  if (types.size > 1 || (!exact && bound === "below")) return unknownPredicate;
  return { kind: "in", operand: left.expression, values: literals.map(literalExpression) };
}

/** `left BETWEEN low AND high`. */
export function compareBetween(
  context: ComparisonContext,
  bound: Bound,
  left: Operand,
  low: Operand,
  high: Operand,
): Predicate {
  if (left.kind !== "value") return unknownPredicate;
  const type = comparedType(left, low);
  if (type === undefined || type !== comparedType(left, high)) return unknownPredicate;
  return {
    kind: "and",
    operands: [compare(context, bound, ">=", left, low), compare(context, bound, "<=", left, high)],
  };
}

const exactClasses = new Set(["integer", "decimal"]);

/**
 * BETWEEN compares its three operands as one type, in which each of them has a say: `duration BETWEEN '01:00:00' AND NOW()`
 * compares dates. So both bounds have to be of a type that compares in the same way without the other.
 */
function comparedType(left: ValueOperand, bound: Operand): string | undefined {
  const dates = isDate(left) || left.valueClass === "timestamp";
  switch (bound.kind) {
    case "clock":
      return bound.scale === "unix" ? "exact" : "date";
    case "value":
      if (isDate(bound)) return "date";
      return exactClasses.has(bound.valueClass) ? "exact" : bound.valueClass;
    case "literal":
      if (dates && (bound.form === "string" || bound.form === "temporal")) return "date";
      if (bound.form === "integer" || bound.form === "decimal") return "exact";
      return `${bound.form} ${bound.collation ?? ""}`;
    case "shifted":
    case "age":
    case "condition":
    case "row":
    case "rowValue":
    case "unknown":
      return undefined;
  }
}
