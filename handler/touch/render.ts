/** Predicates → SQL. Nothing of a statement's text gets into it but what passes through `column` and `literal`. */
import type { Expression, Literal, Predicate } from "./touch";

export interface Rendering {
  /** A column of the table, quoted. */
  readonly column: (name: string) => string;
  readonly literal: (literal: Literal) => string;
}

/** Every part stands in parentheses, so that no precedence matters. Unknown parts must be gone: see `superset`. */
export function renderPredicate(predicate: Predicate, rendering: Rendering): string {
  switch (predicate.kind) {
    case "unknown":
      throw new Error("a predicate with an unknown part cannot be rendered");
    case "and":
      return joined(predicate.operands, " AND ", "TRUE", rendering);
    case "or":
      return joined(predicate.operands, " OR ", "FALSE", rendering);
    case "not":
      return `(NOT ${renderPredicate(predicate.operand, rendering)})`;
    case "compare":
      return `(${expression(predicate.left, rendering)} ${predicate.operator} ${expression(predicate.right, rendering)})`;
    case "in":
      return `(${expression(predicate.operand, rendering)} IN (${list(predicate.values, rendering)}))`;
    case "rowIn": {
      const rows = predicate.rows.map((row) => `(${list(row, rendering)})`);
      return `((${list(predicate.operands, rendering)}) IN (${rows.join(", ")}))`;
    }
    case "between": {
      const { operand, low, high } = predicate;
      return `(${expression(operand, rendering)} BETWEEN ${expression(low, rendering)} AND ${expression(high, rendering)})`;
    }
    case "like": {
      const pattern = rendering.literal({ type: "string", value: predicate.pattern });
      const escape = rendering.literal({ type: "string", value: predicate.escape });
      return `(${expression(predicate.operand, rendering)} LIKE ${pattern} ESCAPE ${escape})`;
    }
    case "isNull":
      return `(${expression(predicate.operand, rendering)} IS NULL)`;
    case "truth":
      return `(${expression(predicate.operand, rendering)})`;
  }
}

function joined(operands: readonly Predicate[], word: string, none: string, rendering: Rendering): string {
  if (operands.length === 0) return none;
  return `(${operands.map((operand) => renderPredicate(operand, rendering)).join(word)})`;
}

function list(expressions: readonly Expression[], rendering: Rendering): string {
  return expressions.map((item) => expression(item, rendering)).join(", ");
}

const operators = new Set(["+", "-", "*", "%", "DIV"]);
const functionName = /^[A-Z_]+$/u;

function expression(given: Expression, rendering: Rendering): string {
  switch (given.kind) {
    case "column":
      return rendering.column(given.name);
    case "literal":
      return rendering.literal(given.literal);
    case "arithmetic": {
      if (!operators.has(given.operator)) throw new Error("an operator outside the grammar");
      const operands = given.operands.map((operand) => expression(operand, rendering));
      return operands.length === 1
        ? `(${given.operator} ${operands[0] ?? ""})`
        : `(${operands.join(` ${given.operator} `)})`;
    }
    case "function":
      if (!functionName.test(given.name)) throw new Error("a function outside the grammar");
      return `${given.name}(${list(given.operands, rendering)})`;
  }
}
