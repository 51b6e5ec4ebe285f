/**
 * The built-in functions of the closed grammar: pure, cheap, bounded in what they make, and the same in every session.
 * Types of arguments are strict, because a function of another type converts, and conversions depend on the session.
 */
import {
  isDate,
  isNumeric,
  isText,
  unknownOperand,
  type LiteralOperand,
  type Operand,
  type ValueClass,
  type ValueOperand,
} from "./operands";
import { isRepresentable } from "./literalMatch";
import type { Expression } from "./touch";

type Rule = (name: string, operands: readonly Operand[]) => Operand;

const maximumConcatParts = 8;

/** `a + a + a ..` nests as deep as it is long, and whoever walks through expressions calls himself. */
const maximumDepth = 64;

/** The value of a call of a built-in by its lower-case name; unknown when it is not one of ours. */
export function applyFunction(name: string, operands: readonly Operand[]): Operand {
  return rules.get(name)?.(name.toUpperCase(), operands) ?? unknownOperand;
}

const rules: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ...["lower", "lcase", "upper", "ucase", "trim", "ltrim", "rtrim"].map((name) => [name, textOfText] as const),
  ...["left", "right"].map((name) => [name, partOfText(1, 1)] as const),
  ...["substring", "substr", "mid"].map((name) => [name, partOfText(1, 2)] as const),
  ["concat", concatenation],
  ...["length", "octet_length", "char_length", "character_length"].map((name) => [name, lengthOf] as const),
  ...["abs", "floor", "ceil", "ceiling", "sign"].map((name) => [name, numberOfNumbers(1, 1)] as const),
  ["round", numberOfNumbers(1, 2)],
  ["mod", numberOfNumbers(2, 2)],
  ...["greatest", "least"].map((name) => [name, numberOfNumbers(2, 8)] as const),
  ...["coalesce", "ifnull", "nullif"].map((name) => [name, sameClass] as const),
  ["date", dateOfDate],
  ...[
    "year",
    "month",
    "day",
    "dayofmonth",
    "dayofyear",
    "dayofweek",
    "weekday",
    "quarter",
    "hour",
    "minute",
    "second",
  ].map((name) => [name, numberOfDate] as const),
  ["json_extract", jsonExtract],
  ["json_unquote", jsonUnquote],
]);

export function isGrammarFunction(name: string): boolean {
  return rules.has(name);
}

/** Another value made of a value's columns. */
function derive(
  value: ValueOperand,
  expression: Expression,
  valueClass: ValueClass = value.valueClass,
  nullDependsOnSession = value.nullDependsOnSession,
): Operand {
  if (isDeeper(expression, maximumDepth)) return unknownOperand;
  return { ...value, expression, valueClass, nullDependsOnSession, column: undefined };
}

function isDeeper(expression: Expression, depth: number): boolean {
  if (expression.kind === "literal" || expression.kind === "column") return false;
  return depth === 0 || expression.operands.some((operand) => isDeeper(operand, depth - 1));
}

function call(name: string, operands: readonly Expression[]): Expression {
  return { kind: "function", name, operands };
}

function literalOf(operand: LiteralOperand): Expression {
  return { kind: "literal", literal: operand.literal };
}

/** A VARCHAR or TEXT value: those of CHAR have trailing spaces or not depending on sql_mode. */
function plainTextValue(operand: Operand | undefined): ValueOperand | undefined {
  return operand?.kind === "value" && operand.valueClass === "text" ? operand : undefined;
}

function smallInteger(operand: Operand): operand is LiteralOperand {
  return operand.kind === "literal" && operand.literal.type === "number" && /^-?\d{1,9}$/u.test(operand.literal.text);
}

function textOfText(name: string, operands: readonly Operand[]): Operand {
  const [text] = operands;
  const usable = text?.kind === "value" && isText(text) && operands.length === 1;
  return usable ? derive(text, call(name, [text.expression]), "text") : unknownOperand;
}

function partOfText(fewest: number, most: number): Rule {
  return (name, [text, ...positions]) => {
    const value = plainTextValue(text);
    if (value === undefined || positions.length < fewest || positions.length > most) return unknownOperand;
    if (!positions.every(smallInteger)) return unknownOperand;
    return derive(value, call(name, [value.expression, ...positions.map(literalOf)]));
  };
}

function concatenation(name: string, operands: readonly Operand[]): Operand {
  const first = operands.map(plainTextValue).find((value) => value !== undefined);
  if (first === undefined || operands.length > maximumConcatParts) return unknownOperand;
  const parts: Expression[] = [];
  for (const operand of operands) {
    const value = plainTextValue(operand);
    if (value !== undefined && value.collation === first.collation) parts.push(value.expression);
    else if (operand.kind === "literal" && isExactText(operand, first.characterSet)) parts.push(literalOf(operand));
    else return unknownOperand;
  }
  return derive(first, call(name, parts));
}

function isExactText(operand: LiteralOperand, characterSet: string | undefined): boolean {
  const [text] = operand.texts;
  if (text === undefined || operand.texts.length > 1 || operand.spacesMayDiffer) return false;
  return operand.collation === undefined && isRepresentable(text, characterSet);
}

function lengthOf(name: string, operands: readonly Operand[]): Operand {
  const [operand] = operands;
  if (operand?.kind !== "value" || operands.length !== 1) return unknownOperand;
  if (operand.valueClass !== "text" && operand.valueClass !== "binary") return unknownOperand;
  return derive(operand, call(name, [operand.expression]), "integer");
}

function numberOfNumbers(fewest: number, most: number): Rule {
  return (name, operands) => {
    if (operands.length < fewest || operands.length > most) return unknownOperand;
    return combineNumbers(operands, (expressions) => call(name, expressions));
  };
}

/** A number made of numbers, of which one at least is a column's; unknown otherwise. */
export function combineNumbers(
  operands: readonly Operand[],
  make: (expressions: readonly Expression[]) => Expression,
): Operand {
  const expressions: Expression[] = [];
  let first: ValueOperand | undefined;
  let allIntegers = true;
  for (const operand of operands) {
    if (operand.kind === "value" && isNumeric(operand) && operand.valueClass !== "bit") {
      first ??= operand;
      allIntegers &&= operand.valueClass === "integer";
      expressions.push(operand.expression);
    } else if (operand.kind === "literal" && operand.literal.type === "number") {
      allIntegers &&= operand.form === "integer";
      expressions.push(literalOf(operand));
    } else {
      return unknownOperand;
    }
  }
  if (first === undefined) return unknownOperand;
  const nullDependsOnSession = operands.some((operand) => operand.kind === "value" && operand.nullDependsOnSession);
  return derive(first, make(expressions), allIntegers ? "integer" : "float", nullDependsOnSession);
}

function sameClass(name: string, operands: readonly Operand[]): Operand {
  const first = operands.find((operand) => operand.kind === "value");
  if (first === undefined || operands.length < 1 || operands.length > maximumConcatParts) return unknownOperand;
  if (name !== "COALESCE" && operands.length !== 2) return unknownOperand;
  if (operands.some((operand) => operand.kind === "value" && operand.nullDependsOnSession)) return unknownOperand;
  if (isNumeric(first)) return combineNumbers(operands, (expressions) => call(name, expressions));
  const parts: Expression[] = [];
  for (const operand of operands) {
    if (operand.kind === "value" && isInterchangeable(operand, first)) parts.push(operand.expression);
    else if (operand.kind === "literal" && first.valueClass === "text" && isExactText(operand, first.characterSet)) {
      parts.push(literalOf(operand));
    } else return unknownOperand;
  }
  return derive(first, call(name, parts));
}

function isInterchangeable(value: ValueOperand, other: ValueOperand): boolean {
  if (value.valueClass !== other.valueClass || value.collation !== other.collation) return false;
  return value.valueClass === "text" || value.valueClass === "date" || value.valueClass === "datetime";
}

/** The parts of a DATE or DATETIME; of a TIMESTAMP they depend on the time zone. */
function dateOfDate(name: string, operands: readonly Operand[]): Operand {
  const [date] = operands;
  if (date?.kind !== "value" || !isDate(date) || operands.length !== 1) return unknownOperand;
  return derive(date, call(name, [date.expression]), "date", true);
}

function numberOfDate(name: string, operands: readonly Operand[]): Operand {
  const [date] = operands;
  if (date?.kind !== "value" || !isDate(date) || operands.length !== 1) return unknownOperand;
  return derive(date, call(name, [date.expression]), "integer", true);
}

const maximumPathLength = 200;

export function jsonExtract(name: string, operands: readonly Operand[]): Operand {
  const [json, path] = operands;
  if (json?.kind !== "value" || path?.kind !== "literal" || operands.length !== 2) return unknownOperand;
  if (json.valueClass !== "json" && json.valueClass !== "text") return unknownOperand;
  const text = path.literal.type === "string" && path.texts.length === 1 ? path.literal.value : "";
  // Wildcards visit the whole document at every step.
  if (!text.startsWith("$") || text.length > maximumPathLength || /[*\s]/u.test(text)) return unknownOperand;
  return derive(json, call(name, [json.expression, literalOf(path)]), "json");
}

export function jsonUnquote(name: string, operands: readonly Operand[]): Operand {
  const [json] = operands;
  if (json?.kind !== "value" || json.valueClass !== "json" || operands.length !== 1) return unknownOperand;
  return derive(json, call(name, [json.expression]), "json");
}
