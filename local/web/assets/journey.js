/** One statement and what became of it, as a card. */
import { count, duration, element } from "./elements.js";

export function drawJourney(journey, isOpen) {
  const done = journey.targets.every(({ state }) => state === "done");
  const summary = element(
    "summary",
    {},
    element("code", { class: "sql" }, oneLine(journey.sql)),
    element("span", { class: done ? "total done" : "total" }, totalText(journey, done)),
  );
  const body = element(
    "ol",
    { class: "steps" },
    step("Statement", journey.answer !== undefined || journey.sender !== "page", "", statement(journey)),
    step("Audit line", journey.lines.length > 0, after(journey.lines), auditLines(journey.lines)),
    step("Envelope", journey.envelopes.length > 0, after(journey.envelopes), journey.envelopes.map(envelope)),
    step("Touch", journey.read, "", touches(journey)),
    step("Rows", done, "", [element("div", { class: "rows" }, ...journey.targets.map(target))]),
  );
  const details = element("details", { class: "journey", "data-id": String(journey.id) }, summary, body);
  details.open = isOpen;
  return details;
}

function totalText({ targets, answer }, done) {
  if (answer?.error !== undefined && done) return "refused by the source";
  if (!done) return targets.some(({ state }) => state === "kept") ? "waits for the transaction" : "on its way …";
  return `✔ everywhere after ${duration(Math.max(...targets.map(({ afterMs }) => afterMs)))}`;
}

function step(title, reached, time, content) {
  return element(
    "li",
    { class: reached ? "reached" : "" },
    element("h3", {}, title, time === "" ? undefined : element("time", {}, time)),
    ...content,
  );
}

function after(items) {
  return items.length === 0 ? "" : `+${duration(Math.max(0, items[0].afterMs))}`;
}

function statement({ sql, sender, answer }) {
  // The card's head has it already, unless it is more than a line.
  const parts = sql.trim() === oneLine(sql) ? [] : [element("pre", { class: "sql" }, sql)];
  if (sender !== "page") parts.push(element("p", { class: "note" }, `sent by ${sender}`));
  if (answer === undefined) return parts;
  if (answer.error !== undefined) parts.push(element("p", { class: "error" }, answer.error));
  const changed = answer.results.filter(({ kind }) => kind === "changed").map(({ affectedRows }) => affectedRows);
  if (changed.length > 0) {
    const numbers = changed.map((rows) => rows.toLocaleString("en-US")).join(", ");
    const rows = changed.length === 1 && changed[0] === 1 ? "row" : "rows";
    parts.push(element("p", { class: "note" }, `${numbers} ${rows} affected, ${duration(answer.milliseconds)}`));
  }
  return [...parts, ...answer.results.filter(({ kind }) => kind === "rows").map(resultRows)];
}

function resultRows(result) {
  const head = element("tr", {}, ...result.columns.map((name) => element("th", {}, name)));
  const rows = result.rows.map((row) => element("tr", {}, ...row.map((value) => cell(value))));
  const more = result.more === 0 ? undefined : element("p", { class: "note" }, `and ${count(result.more, "more row")}`);
  return element("div", {}, element("div", { class: "scroll" }, element("table", {}, head, ...rows)), more);
}

function auditLines(lines) {
  if (lines.length === 0) return [];
  const shown = lines.slice(-shownLines).map(({ text, operation }) => {
    const className = operation === "QUERY" ? "line" : "line faint";
    return element("span", { class: className }, text);
  });
  const hidden = lines.length - shown.length;
  const more = hidden === 0 ? [] : [element("p", { class: "note" }, `after ${count(hidden, "other line")}:`)];
  return [...more, element("pre", {}, ...shown)];
}

function envelope({ envelope: content, gzipBytes, shardId }) {
  const json = JSON.stringify(content, undefined, 2);
  return element(
    "details",
    { class: "inner" },
    element(
      "summary",
      {},
      `${count(content.logEvents.length, "log event")} of ${content.logStream}, ${gzipBytes.toLocaleString("en-US")} bytes of gzip, ${shardId}`,
    ),
    element("pre", {}, json),
  );
}

function touches({ read, touches: list }) {
  if (!read) return [];
  if (list.length === 0) return [element("p", { class: "note" }, "none: no followed table can have changed")];
  const texts = new Set(list.map((touch) => JSON.stringify(touch)));
  return [...texts]
    .map((text) => JSON.parse(text))
    .map((touch) =>
      element(
        "p",
        { class: "touch" },
        element("b", { class: `kind kind-${touch.kind}` }, kindText[touch.kind]),
        ` ${touch.table.database}.${touch.table.table} `,
        element("code", {}, touchText(touch)),
      ),
    );
}

const shownLines = 12;

const kindText = { keys: "by key", where: "by predicate", tail: "new rows", all: "whole table" };

function touchText(touch) {
  switch (touch.kind) {
    case "keys":
      return touch.keys.map((key) => key.map(literal).join(", ")).join(" | ");
    case "where":
      return predicate(touch.predicate);
    case "tail":
      return "above the highest key that was copied";
    default:
      return touch.reason;
  }
}

function literal(value) {
  switch (value.type) {
    case "null":
      return "NULL";
    case "number":
      return value.text;
    case "string":
      return `'${value.value.replaceAll("'", "''")}'`;
    default:
      return `0x${value.hex}`;
  }
}

function expression(node) {
  switch (node.kind) {
    case "column":
      return node.name;
    case "literal":
      return literal(node.literal);
    case "arithmetic":
      return node.operands.length === 1
        ? `${node.operator}${expression(node.operands[0])}`
        : `(${node.operands.map(expression).join(` ${node.operator} `)})`;
    default:
      return `${node.name}(${node.operands.map(expression).join(", ")})`;
  }
}

function predicate(node) {
  const list = (items) => items.map(expression).join(", ");
  switch (node.kind) {
    case "and":
    case "or":
      if (node.operands.length === 0) return node.kind === "and" ? "every row" : "no row";
      return `(${node.operands.map(predicate).join(` ${node.kind.toUpperCase()} `)})`;
    case "not":
      return `NOT ${predicate(node.operand)}`;
    case "compare":
      return `${expression(node.left)} ${node.operator} ${expression(node.right)}`;
    case "in":
      return `${expression(node.operand)} IN (${list(node.values)})`;
    case "rowIn":
      return `(${list(node.operands)}) IN (${node.rows.map((row) => `(${list(row)})`).join(", ")})`;
    case "between":
      return `${expression(node.operand)} BETWEEN ${expression(node.low)} AND ${expression(node.high)}`;
    case "like":
      return `${expression(node.operand)} LIKE '${node.pattern}'`;
    case "isNull":
      return `${expression(node.operand)} IS NULL`;
    case "truth":
      return expression(node.operand);
    default:
      return "anything";
  }
}

const stateText = {
  travels: "on its way",
  kept: "kept at the target until the transaction is over",
  compares: "compares the whole table",
  done: "",
};

function target({ name, state, afterMs, changes }) {
  const head = element(
    "h4",
    {},
    name,
    afterMs === undefined || afterMs === null ? undefined : element("time", {}, `+${duration(afterMs)}`),
  );
  const nothing = state === "done" && changes.length === 0;
  return element(
    "div",
    { class: `target ${state}` },
    head,
    nothing ? element("p", { class: "note" }, "no row is different") : undefined,
    ...changes.map(tableChanges),
    stateText[state] === "" ? undefined : element("p", { class: "state" }, stateText[state]),
  );
}

function tableChanges({ table, columns, keys, rows, more }) {
  // A change of a few columns is easier to see without the others.
  const onlyUpdates = rows.every(({ kind }) => kind === "updated");
  const isChanged = (column) => rows.some(({ before, after: now }) => before[column] !== now[column]);
  const shown = columns
    .map((_, column) => column)
    .filter((column) => !onlyUpdates || keys.includes(column) || isChanged(column));
  const head = element("tr", {}, element("th", {}), ...shown.map((column) => element("th", {}, columns[column])));
  return element(
    "div",
    { class: "table" },
    element("h5", {}, table),
    element("div", { class: "scroll" }, element("table", {}, head, ...rows.map((row) => rowChange(row, shown)))),
    more === 0 ? undefined : element("p", { class: "note" }, `and ${count(more, "more row")}`),
  );
}

const signs = { inserted: "+", updated: "~", deleted: "−" };

function rowChange({ kind, before, after: now }, columns) {
  return element(
    "tr",
    { class: kind },
    element("th", { scope: "row", title: kind }, signs[kind]),
    ...columns.map((column) => {
      if (kind !== "updated" || before[column] === now[column]) return cell((now ?? before)[column]);
      return changedCell(before[column], now[column]);
    }),
  );
}

function changedCell(before, now) {
  return element(
    "td",
    { class: "changed" },
    element("del", {}, shorten(before)),
    " ",
    element("ins", {}, shorten(now)),
  );
}

function cell(value) {
  return element("td", { class: value === null ? "null" : "" }, shorten(value));
}

function shorten(value) {
  if (value === null) return "NULL";
  return value.length > 80 ? `${value.slice(0, 79)}…` : value;
}

function oneLine(sql) {
  return sql.trim().replace(/\s+/gu, " ").slice(0, 200);
}
