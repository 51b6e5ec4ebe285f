/** Statements that change rows of generated tables. */
import { clock, condition, type ConditionSource } from "./conditions";
import type { Random } from "./random";
import { quote, type TestColumn, type TestTable } from "./schemas";

export function makeStatement(random: Random, table: TestTable, other: TestTable): string {
  const make = random.pick([
    update,
    update,
    update,
    updateKey,
    remove,
    remove,
    housekeep,
    insert,
    insert,
    upsert,
    upsert,
    replace,
    insertQuery,
    insertQuery,
    insertJoin,
    join,
    join,
  ]);
  return decorate(random, make(random, table, other));
}

function decorate(random: Random, statement: string): string {
  switch (random.below(20)) {
    case 0:
      return `/* route */ ${statement}`;
    case 1:
      return `${statement};`;
    case 2:
      return `-- note\n${statement} -- end`;
    case 3:
      return `/*! ${statement} */`;
    case 4:
      return statement.replaceAll(" WHERE ", "\nWHERE\n\t");
    case 5:
      return `SET STATEMENT sort_buffer_size = 100000 FOR ${statement}`;
    case 6:
      return `BEGIN NOT ATOMIC ${statement}; END`;
    case 7:
      return `ANALYZE ${statement}`;
    case 8:
      return `/*M! ${statement} */`;
    case 9:
      return `BEGIN NOT ATOMIC DECLARE x INT DEFAULT 1; IF x = 1 THEN ${statement}; ELSE DO SLEEP(0); END IF; END`;
    case 10:
      return `EXECUTE IMMEDIATE '${statement.replaceAll("'", "''").replaceAll("\\", "\\\\")}'`;
    default:
      return statement;
  }
}

function source(random: Random, table: TestTable, qualifiers: readonly string[]): ConditionSource {
  return { random, columns: table.columns, qualifiers, table: table.name };
}

/** A name for the table and the qualifiers that go with it. */
function factor(random: Random, table: TestTable): { readonly text: string; readonly qualifiers: readonly string[] } {
  const name = quote(table.name);
  switch (random.below(4)) {
    case 0:
      return { text: `${name} AS x`, qualifiers: ["", "x.", "X."] };
    case 1:
      return { text: `shop.${name}`, qualifiers: ["", `${name}.`, `shop.${name}.`] };
    default:
      return { text: name, qualifiers: ["", `${name}.`] };
  }
}

function where(random: Random, from: ConditionSource): string {
  const text = random.chance(0.93) ? ` WHERE ${condition(from, 3)}` : "";
  const order = random.chance(0.15) ? ` ORDER BY ${quote(random.pick(from.columns).name)}` : "";
  return `${text}${order}${random.chance(0.15) ? ` LIMIT ${random.between(1, 5)}` : ""}`;
}

function update(random: Random, table: TestTable): string {
  const { text, qualifiers } = factor(random, table);
  const columns = table.columns.filter(({ generated, name }) => !generated && !table.key.includes(name));
  if (columns.length === 0) return updateKey(random, table);
  const ignore = random.pick(["", "", "IGNORE ", "LOW_PRIORITY "]);
  return `UPDATE ${ignore}${text} SET ${assignments(random, columns, qualifiers)}${where(random, source(random, table, qualifiers))}`;
}

function assignments(random: Random, columns: readonly TestColumn[], qualifiers: readonly string[]): string {
  const chosen = random.some(columns, 0.4);
  const list = chosen.length === 0 ? [random.pick(columns)] : chosen;
  return list
    .map((column) => `${random.pick(qualifiers)}${quote(column.name)} = ${assigned(random, column)}`)
    .join(", ");
}

function assigned(random: Random, column: TestColumn): string {
  const name = quote(column.name);
  if (random.chance(0.1)) return name;
  if (column.kind.isNumber === true && random.chance(0.3)) return `${name} + 1`;
  if (random.chance(0.05)) return "DEFAULT";
  return random.pick(random.chance(0.7) ? column.kind.values : column.kind.probes);
}

/** Literal new keys, shifts and swaps. */
function updateKey(random: Random, table: TestTable): string {
  const { text, qualifiers } = factor(random, table);
  const key = table.columns.filter(({ name }) => table.key.includes(name));
  const column = random.pick(key);
  const name = quote(column.name);
  const values = [...column.kind.values, ...column.kind.probes, name, `${name} + 100`, `${name} + 1`, `${name} - 1`];
  const order = random.chance(0.4) ? ` ORDER BY ${name} DESC` : "";
  const limit = random.chance(0.4) ? " LIMIT 1" : "";
  const others = random.chance(0.3) ? `, ${assignments(random, table.columns, qualifiers)}` : "";
  const condition_ = ` WHERE ${condition(source(random, table, qualifiers), 2)}`;
  return `UPDATE ${random.pick(["", "IGNORE "])}${text} SET ${name} = ${random.pick(values)}${others}${condition_}${order}${limit}`;
}

function remove(random: Random, table: TestTable): string {
  const name = quote(table.name);
  const qualifiers = ["", `${name}.`];
  return `DELETE ${random.pick(["", "IGNORE ", "QUICK "])}FROM ${name}${where(random, source(random, table, qualifiers))}`;
}

function housekeep(random: Random, table: TestTable): string {
  const from = source(random, table, [""]);
  const columns = table.columns.filter(({ generated, name }) => !generated && !table.key.includes(name));
  const more = random.chance(0.3) ? ` ${random.pick(["AND", "OR"])} ${condition(from, 1)}` : "";
  if (columns.length === 0 || random.chance(0.6)) return `DELETE FROM ${quote(table.name)} WHERE ${clock(from)}${more}`;
  return `UPDATE ${quote(table.name)} SET ${assignments(random, columns, [""])} WHERE ${clock(from)}${more}`;
}

function insertColumns(random: Random, table: TestTable): readonly TestColumn[] {
  const writable = table.columns.filter(({ generated }) => !generated);
  return random.chance(0.5)
    ? writable
    : writable
        .filter((column) => !column.autoIncrement || random.chance(0.3))
        .filter((column) => table.key.includes(column.name) || random.chance(0.7));
}

function inserted(random: Random, column: TestColumn): string {
  if (column.autoIncrement)
    return random.pick(["NULL", "DEFAULT", "0", String(random.between(1, 90)), "'77'", "NULL", "1 + 50", "-3"]);
  if (random.chance(0.05)) return "DEFAULT";
  return random.pick(random.chance(0.75) ? column.kind.values : column.kind.probes);
}

function insertRows(random: Random, table: TestTable, verb: string): string {
  const columns = insertColumns(random, table);
  const name = random.pick([quote(table.name), `shop.${quote(table.name)}`]);
  if (random.chance(0.15)) {
    return `${verb} INTO ${name} SET ${columns.map((column) => `${quote(column.name)} = ${inserted(random, column)}`).join(", ")}`;
  }
  const rows = Array.from(
    { length: random.between(1, 3) },
    () => `(${columns.map((column) => inserted(random, column)).join(", ")})`,
  );
  const list = random.chance(0.15) ? "" : ` (${columns.map((column) => quote(column.name)).join(", ")})`;
  return `${verb} INTO ${name}${list} ${random.pick(["VALUES", "VALUE"])} ${rows.join(", ")}`;
}

function insert(random: Random, table: TestTable): string {
  return insertRows(random, table, random.pick(["INSERT", "INSERT", "INSERT IGNORE", "INSERT LOW_PRIORITY"]));
}

function replace(random: Random, table: TestTable): string {
  return insertRows(random, table, "REPLACE");
}

function upsert(random: Random, table: TestTable): string {
  const columns = table.columns.filter(({ generated }) => !generated);
  const updates = random.chance(0.15)
    ? `${quote(table.key[0] ?? "id")} = ${random.pick(["LAST_INSERT_ID(id)", "VALUES(id)", "id", "id + 1", "5"])}`
    : assignments(random, columns, ["", `${quote(table.name)}.`]);
  const values = random.chance(0.3)
    ? `, ${quote(random.pick(columns).name)} = VALUES(${quote(random.pick(columns).name)})`
    : "";
  return `${insertRows(random, table, "INSERT")} ON DUPLICATE KEY UPDATE ${updates}${values}`;
}

function insertQuery(random: Random, table: TestTable, other: TestTable): string {
  const verb = random.pick(["INSERT", "INSERT IGNORE", "REPLACE"]);
  const columns = insertColumns(random, table);
  const list = columns.map((column) => quote(column.name)).join(", ");
  const items = columns.map((column) =>
    random.chance(0.6) ? random.pick(column.kind.values) : quote(random.pick(table.columns).name),
  );
  const from = random.chance(0.3) ? "DUAL" : `${quote(random.chance(0.5) ? table.name : other.name)} AS s`;
  const upsertClause =
    verb === "INSERT" && random.chance(0.3) ? ` ON DUPLICATE KEY UPDATE ${quote(columns[0]?.name ?? "id")} = 1` : "";
  return `${verb} INTO ${quote(table.name)} (${list}) SELECT ${items.join(", ")} FROM ${from}${random.chance(0.5) ? " LIMIT 2" : ""}${upsertClause}`;
}

/** A query with ON of its own before ON DUPLICATE KEY UPDATE, or with literals in one part and not in another. */
function insertJoin(random: Random, table: TestTable, other: TestTable): string {
  const chosen = insertColumns(random, table);
  const columns = chosen.length === 0 ? table.columns.slice(0, 1) : chosen;
  const list = columns.map((column) => quote(column.name)).join(", ");
  const literals = (): string => columns.map((column) => random.pick(column.kind.values)).join(", ");
  const [key, otherKey] = [quote(table.key[0] ?? "id"), quote(other.key[0] ?? "id")];
  const joined = `${quote(table.name)} AS l JOIN ${quote(other.name)} AS r ON (l.${key} ${random.pick(["<>", "="])} r.${otherKey})`;
  const query = random.pick([
    `SELECT ${literals()} FROM ${joined} LIMIT 1`,
    `SELECT ${literals()} FROM ${joined} UNION SELECT ${literals()} FROM ${quote(other.name)}`,
    `(SELECT ${literals()}) UNION ALL (SELECT ${literals()})`,
    `VALUES (${literals()}), (${literals()})`,
    `WITH w AS (SELECT 1) SELECT ${literals()} FROM w`,
  ]);
  const updates = random.chance(0.5)
    ? `${quote(random.pick(columns).name)} = ${random.pick(random.pick(columns).kind.values)}`
    : `${key} = ${random.pick(table.columns[0]?.kind.values ?? ["5"])}`;
  const verb = random.pick(["INSERT", "INSERT IGNORE", "REPLACE"]);
  const upsertClause = verb === "INSERT" && random.chance(0.6) ? ` ON DUPLICATE KEY UPDATE ${updates}` : "";
  return `${verb} INTO ${quote(table.name)} (${list}) ${query}${upsertClause}`;
}

/** UPDATE and DELETE of two tables. */
function join(random: Random, table: TestTable, other: TestTable): string {
  const [left, right] = [quote(table.name), quote(other.name)];
  const key = quote(random.pick(table.columns).name);
  const otherKey = quote(random.pick(other.columns).name);
  const on = `ON l.${key} ${random.pick(["=", "<=", "<>"])} r.${otherKey}${random.chance(0.4) ? ` AND ${condition(source(random, table, ["l."]), 1)}` : ""}`;
  const joined = random.pick([
    `${left} AS l JOIN ${right} AS r ${on}`,
    `${left} l LEFT JOIN ${right} r ${on}`,
    `${right} r RIGHT JOIN ${left} l ${on}`,
    `${left} l, ${right} r`,
    `${left} l INNER JOIN (SELECT * FROM ${right}) AS r ${on}`,
    `(${left} l CROSS JOIN ${right} r)`,
    `${left} l RIGHT JOIN ${right} r ${on}`,
  ]);
  const both = [condition(source(random, table, ["l.", "l.", ""]), 2), condition(source(random, other, ["r."]), 1)];
  const filter = random.chance(0.9) ? ` WHERE ${both.join(random.pick([" AND ", " AND ", " OR "]))}` : "";
  const writable = (of: TestTable): readonly TestColumn[] =>
    of.columns.filter(({ generated, name }) => !generated && (!of.key.includes(name) || random.chance(0.1)));
  const columns = writable(table);
  if (random.chance(0.4) || columns.length === 0) {
    return random.pick([
      `DELETE l FROM ${joined}${filter}`,
      `DELETE FROM l USING ${joined}${filter}`,
      `DELETE l.* FROM ${joined}${filter}`,
    ]);
  }
  const rightColumns = writable(other);
  const second = random.chance(0.4) && rightColumns.length > 0 ? `, ${assignments(random, rightColumns, ["r."])}` : "";
  return `UPDATE ${joined} SET ${assignments(random, columns, ["l."])}${second}${filter}`;
}
