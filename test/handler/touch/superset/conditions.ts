/** Conditions in all the shapes that a WHERE can have, most of them true for some rows of a small table. */
import { integerKinds } from "./columnKinds";
import type { Random } from "./random";
import { quote, type TestColumn } from "./schemas";

export interface ConditionSource {
  readonly random: Random;
  readonly columns: readonly TestColumn[];
  /** `t.` or the like, with which a column may be qualified. */
  readonly qualifiers: readonly string[];
  /** A table for subqueries. */
  readonly table: string;
}

const operators = ["=", "=", "=", "<", "<=", ">", ">=", "<>", "!=", "<=>"];

export function condition(source: ConditionSource, depth: number): string {
  const { random } = source;
  if (depth <= 0 || random.chance(0.45)) return leaf(source);
  const [left, right] = [condition(source, depth - 1), condition(source, depth - 1)];
  switch (random.below(12)) {
    case 0:
    case 1:
    case 2:
      return `${left} AND ${right}`;
    case 3:
      return `(${left}) AND ${right}`;
    case 4:
    case 5:
      return `${left} OR ${right}`;
    case 6:
      return `NOT (${left})`;
    case 7:
      return `NOT ${left}`;
    case 8:
      return `(${left} ${random.pick(["&&", "||", "XOR"])} ${right})`;
    case 9:
      return `!(${left}) ${random.pick(["AND", "OR"])} ${right}`;
    case 10:
      return `(${left}) IS ${random.pick(["TRUE", "NOT TRUE", "FALSE", "NOT FALSE", "UNKNOWN", "NOT NULL"])}`;
    default:
      return `((${left}) ${random.pick(["=", "<>"])} ${random.pick(["1", "0", "TRUE"])})`;
  }
}

function leaf(source: ConditionSource): string {
  const { random } = source;
  const column = random.pick(source.columns);
  const name = reference(source, column);
  const not = random.chance(0.25) ? "NOT " : "";
  switch (random.below(17)) {
    case 0:
    case 1:
    case 2:
    case 3:
      return `${name} ${random.pick(operators)} ${probe(random, column)}`;
    case 4:
      return `${probe(random, column)} ${random.pick(operators)} ${name}`;
    case 5:
    case 6:
      return `${name} ${not}IN (${list(random, column)})`;
    case 7:
      return `${name} ${not}BETWEEN ${probe(random, column)} AND ${probe(random, column)}`;
    case 8:
      return `${name} IS ${not}NULL`;
    case 9:
      return `${name} ${not}LIKE ${random.pick(["'a%'", "'%a'", "'_'", "'x_y'", "'A%'", "'x y%'", "'a\\_b'", "'%\\%'", "'a|_b' ESCAPE '|'", '"a%"', "'é%'"])}`;
    case 10:
      return `${functionOf(random, name, column)} ${random.pick(operators)} ${probe(random, column)}`;
    case 11:
      return row(source);
    case 12:
      return `${name} ${random.pick(operators)} ${reference(source, random.pick(source.columns))}`;
    case 13:
      return truth(source, name);
    case 14:
      return subquery(source, name, column);
    case 15:
      return clock(source);
    default:
      return arithmetic(source);
  }
}

function reference({ random, qualifiers }: ConditionSource, column: TestColumn): string {
  const plain = /^[a-z]+$/iu.test(column.name) && column.name !== "left" ? column.name : quote(column.name);
  const spelt = random.chance(0.3) ? quote(column.name.toUpperCase()) : plain;
  return `${random.pick(qualifiers)}${spelt}`;
}

function probe(random: Random, { kind }: TestColumn): string {
  return random.chance(0.7) ? random.pick([...kind.values, ...kind.probes]) : random.pick(kind.probes);
}

function list(random: Random, column: TestColumn): string {
  return Array.from({ length: random.between(1, 4) }, () => probe(random, column)).join(", ");
}

function functionOf(random: Random, name: string, column: TestColumn): string {
  const { kind } = column;
  const text = [
    "LOWER(#)",
    "UPPER(#)",
    "TRIM(#)",
    "RTRIM(#)",
    "LEFT(#, 1)",
    "SUBSTRING(#, 1, 2)",
    "RIGHT(#, 2)",
    "CONCAT(#, 'b')",
    "LENGTH(#)",
    "CHAR_LENGTH(#)",
    "COALESCE(#, 'a')",
    "IFNULL(#, 'a')",
    "NULLIF(#, 'a')",
    "REPLACE(#, 'a', 'b')",
    "REVERSE(#)",
  ];
  const number = [
    "ABS(#)",
    "MOD(#, 3)",
    "FLOOR(#)",
    "CEILING(#)",
    "ROUND(#, 1)",
    "ROUND(#)",
    "SIGN(#)",
    "COALESCE(#, 1)",
    "IFNULL(#, 2)",
    "GREATEST(#, 2)",
    "NULLIF(#, 1)",
    "-#",
    "CONCAT(#, 'a')",
    "LENGTH(#)",
  ];
  const time = [
    "DATE(#)",
    "YEAR(#)",
    "MONTH(#)",
    "DAY(#)",
    "HOUR(#)",
    "QUARTER(#)",
    "WEEK(#)",
    "DAYNAME(#)",
    "UNIX_TIMESTAMP(#)",
    "COALESCE(#, NOW())",
    "DATE_ADD(#, INTERVAL 1 DAY)",
  ];
  const json = ["JSON_EXTRACT(#, '$.a')", "JSON_UNQUOTE(JSON_EXTRACT(#, '$.a'))", "JSON_VALUE(#, '$.a')", "LENGTH(#)"];
  const any = [
    "IF(# IS NULL, 1, 0)",
    "CASE WHEN # IS NULL THEN 1 ELSE 0 END",
    "CAST(# AS CHAR)",
    "BINARY #",
    "HEX(#)",
    "ISNULL(#)",
  ];
  const fitting = kind.isText === true ? text : kind.isNumber === true ? number : kind.isTime === true ? time : json;
  return random.pick(random.chance(0.85) ? fitting : any).replaceAll("#", () => name);
}

function row(source: ConditionSource): string {
  const { random } = source;
  const [first, second] = [random.pick(source.columns), random.pick(source.columns)];
  const pair = (): string => `(${probe(random, first)}, ${probe(random, second)})`;
  const left = `(${reference(source, first)}, ${reference(source, second)})`;
  switch (random.below(4)) {
    case 0:
      return `${left} = ${pair()}`;
    case 1:
      return `${left} ${random.chance(0.3) ? "NOT " : ""}IN (${pair()}, ${pair()})`;
    case 2:
      return `${left} > ${pair()}`;
    default:
      return `${left} <> ${pair()}`;
  }
}

function truth({ random }: ConditionSource, name: string): string {
  return random.pick([
    name,
    `!${name}`,
    `NOT ${name}`,
    `${name} IS TRUE`,
    `${name} IS NOT TRUE`,
    `${name} IS FALSE`,
    "1 = 1",
    "1",
    "0 = 1",
    "TRUE",
    "'a' = 'A'",
    "@@sql_mode = ''",
    "1 < 2",
  ]);
}

function subquery({ random, table, columns }: ConditionSource, name: string, column: TestColumn): string {
  const other = quote(random.pick(columns).name);
  switch (random.below(4)) {
    case 0:
      return `${name} IN (SELECT ${quote(column.name)} FROM ${quote(table)} WHERE ${other} IS NOT NULL)`;
    case 1:
      return `EXISTS (SELECT 1 FROM ${quote(table)} AS s WHERE s.${other} = ${probe(random, column)})`;
    case 2:
      return `${name} >= ALL (SELECT ${quote(column.name)} FROM ${quote(table)} WHERE ${other} IS NOT NULL)`;
    default:
      return `${name} = (SELECT MAX(${quote(column.name)}) FROM ${quote(table)})`;
  }
}

/** Times measured from the clock, whatever the column's type. */
export function clock(source: ConditionSource): string {
  const { random } = source;
  const times = source.columns.filter(({ kind }) => kind.isTime === true);
  if (times.length === 0) return arithmetic(source);
  const name = reference(source, random.pick(times));
  const comparison = random.pick(operators);
  const unit = random.pick(["MINUTE", "HOUR", "DAY", "MONTH", "YEAR"]);
  const count = random.pick(["0", "1", "2", "20", "-1"]);
  const now = random.pick(["NOW()", "UTC_TIMESTAMP()", "CURDATE()", "NOW() - INTERVAL 1 DAY", "CURRENT_TIMESTAMP(3)"]);
  return random.pick([
    `${name} ${random.pick(["+", "-"])} INTERVAL ${count} ${unit} ${comparison} ${now}`,
    `${now} ${comparison} DATE_ADD(${name}, INTERVAL ${count} ${unit})`,
    `DATEDIFF(${now}, ${name}) ${comparison} ${count}`,
    `${count} ${comparison} DATEDIFF(${now}, ${name})`,
    `TIMESTAMPDIFF(${unit}, ${name}, ${now}) ${comparison} ${count}`,
    `NOT (TIMESTAMPDIFF(${unit}, ${name}, ${now}) ${comparison} ${count})`,
    `${name} ${comparison} SUBDATE(${now}, ${count})`,
    `${name} BETWEEN ${now} - INTERVAL 1 ${unit} AND NOW()`,
  ]);
}

function arithmetic(source: ConditionSource): string {
  const { random } = source;
  const numbers = source.columns.filter(({ kind }) => kind.isNumber === true);
  if (numbers.length === 0) return `${reference(source, random.pick(source.columns))} IS NOT NULL`;
  const [left, right] = [reference(source, random.pick(numbers)), reference(source, random.pick(numbers))];
  const operator = random.pick(["+", "-", "*", "/", "%", "DIV", "MOD", "&", "|", "^", "<<"]);
  const value = random.pick(integerKinds[0]?.probes ?? ["1"]);
  const other = random.chance(0.5) ? right : value;
  return `${left} ${operator} ${other} ${random.pick(operators)} ${random.pick(["1", "2", "0", "3", value, right])}`;
}
