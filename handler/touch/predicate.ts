/** What is done with predicates once they are read: widening to a superset, and the parts that all have to hold. */
import type { Expression, Predicate } from "./touch";

export const truePredicate: Predicate = { kind: "and", operands: [] };

export function isTrue(predicate: Predicate): boolean {
  return predicate.kind === "and" && predicate.operands.length === 0;
}

/**
 * A predicate without unknown parts and without columns that are not usable, which selects every row that the given one
 * may select. `{ kind: "and", operands: [] }` is TRUE: nothing narrower is left.
 */
export function superset(predicate: Predicate, usable: (columnLowerCase: string) => boolean): Predicate {
  return whereTrue(predicate, usable);
}

/** Holds on every row on which the predicate is true. */
function whereTrue(predicate: Predicate, usable: (columnLowerCase: string) => boolean): Predicate {
  switch (predicate.kind) {
    case "unknown":
      return truePredicate;
    case "and":
      return conjunction(predicate.operands.map((operand) => whereTrue(operand, usable)));
    case "or":
      return disjunction(predicate.operands.map((operand) => whereTrue(operand, usable)));
    case "not":
      return whereFalse(predicate.operand, usable);
    default:
      return isUsable(predicate, usable) ? predicate : truePredicate;
  }
}

/** Holds on every row on which the predicate is false. NULL is neither, so NOT is no complement. */
function whereFalse(predicate: Predicate, usable: (columnLowerCase: string) => boolean): Predicate {
  switch (predicate.kind) {
    case "unknown":
      return truePredicate;
    case "and":
      return disjunction(predicate.operands.map((operand) => whereFalse(operand, usable)));
    case "or":
      return conjunction(predicate.operands.map((operand) => whereFalse(operand, usable)));
    case "not":
      return whereTrue(predicate.operand, usable);
    default:
      return isUsable(predicate, usable) ? { kind: "not", operand: predicate } : truePredicate;
  }
}

function conjunction(operands: readonly Predicate[]): Predicate {
  const narrowing = operands.filter((operand) => !isTrue(operand));
  const [only] = narrowing;
  return narrowing.length === 1 && only !== undefined ? only : { kind: "and", operands: narrowing };
}

function disjunction(operands: readonly Predicate[]): Predicate {
  const [only] = operands;
  if (operands.some(isTrue)) return truePredicate;
  return operands.length === 1 && only !== undefined ? only : { kind: "or", operands };
}

type Leaf = Exclude<Predicate, { kind: "unknown" | "and" | "or" | "not" }>;

function isUsable(leaf: Leaf, usable: (columnLowerCase: string) => boolean): boolean {
  return operandsOf(leaf).every((operand) => usesOnly(operand, usable));
}

function operandsOf(leaf: Leaf): readonly Expression[] {
  switch (leaf.kind) {
    case "compare":
      return [leaf.left, leaf.right];
    case "in":
      return [leaf.operand, ...leaf.values];
    case "rowIn":
      return [...leaf.operands, ...leaf.rows.flat()];
    case "between":
      return [leaf.operand, leaf.low, leaf.high];
    case "like":
    case "isNull":
    case "truth":
      return [leaf.operand];
  }
}

function usesOnly(expression: Expression, usable: (columnLowerCase: string) => boolean): boolean {
  switch (expression.kind) {
    case "literal":
      return true;
    case "column":
      return usable(expression.name.toLowerCase());
    case "arithmetic":
    case "function":
      return expression.operands.every((operand) => usesOnly(operand, usable));
  }
}

/** The parts that all have to hold, nested ANDs included. */
export function conjuncts(predicate: Predicate): readonly Predicate[] {
  return predicate.kind === "and" ? predicate.operands.flatMap(conjuncts) : [predicate];
}

/** Nothing in the predicate narrows: every row may be selected. */
export function selectsEverything(predicate: Predicate): boolean {
  return isTrue(superset(predicate, () => true));
}
