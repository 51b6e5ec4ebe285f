/** Readings of statements with one rule broken each. The superset test has to notice every one of them. */
import type { ColumnDefinition, TableDefinition } from "../../../../handler/source/definition";
import { readStatement, type StatementContext } from "../../../../handler/touch/statement";
import { TableIndex } from "../../../../handler/touch/tableIndex";
import type { Predicate, Touch } from "../../../../handler/touch/touch";
import type { Derive } from "./laboratory";

const monthMs = 30 * 86_400_000;

function adjusting(adjust: (touch: Touch) => readonly Touch[]): Derive {
  return (text, context) => {
    const effects = readStatement(text, context);
    return { ...effects, touches: effects.touches.flatMap(adjust) };
  };
}

function inContext(change: (context: StatementContext) => StatementContext): Derive {
  return (text, context) => readStatement(text, change(context));
}

/** The reader's picture of the tables lacks something. */
function picturing(change: (definition: TableDefinition) => TableDefinition): Derive {
  const indexes = new Map<TableIndex, TableIndex>();
  return inContext((context) => {
    const worse =
      indexes.get(context.tables) ?? new TableIndex(context.tables.all.map(({ definition }) => change(definition)));
    indexes.set(context.tables, worse);
    return { ...context, tables: worse };
  });
}

function withColumns(change: (column: ColumnDefinition) => ColumnDefinition): Derive {
  return picturing((definition) => ({ ...definition, columns: definition.columns.map(change) }));
}

/** Every unknown part taken for one that selects nothing. */
function withoutUnknown(predicate: Predicate): Predicate {
  switch (predicate.kind) {
    case "unknown":
      return { kind: "or", operands: [] };
    case "and":
    case "or":
      return { ...predicate, operands: predicate.operands.map(withoutUnknown) };
    case "not":
      return { ...predicate, operand: withoutUnknown(predicate.operand) };
    default:
      return predicate;
  }
}

/** NOT left out, as if a negated condition were the condition. */
function withoutNot(predicate: Predicate): Predicate {
  switch (predicate.kind) {
    case "and":
    case "or":
      return { ...predicate, operands: predicate.operands.map(withoutNot) };
    case "not":
      return withoutNot(predicate.operand);
    default:
      return predicate;
  }
}

function onPredicates(change: (predicate: Predicate) => Predicate): Derive {
  return adjusting((touch) => [touch.kind === "where" ? { ...touch, predicate: change(touch.predicate) } : touch]);
}

/** Rounds in which some of them show; the others show in the first one. */
export const showingSeeds: Readonly<Record<string, number>> = {
  "generated keys left out": 3,
  "other unique keys unseen": 4,
  "BEFORE triggers unseen": 13,
  "generated columns unseen": 11,
  "lengths ignored": 18,
  "the clock a month late": 4,
  "Aurora's spaces taken as they are": 2,
};

export const worseReadings: Readonly<Record<string, Derive>> = {
  "whole tables left out": adjusting((touch) => (touch.kind === "all" ? [] : [touch])),
  "generated keys left out": adjusting((touch) => (touch.kind === "tail" ? [] : [touch])),
  "conditions left out": adjusting((touch) => (touch.kind === "where" ? [] : [touch])),
  "only the first of several keys": adjusting((touch) =>
    touch.kind === "keys" ? [{ ...touch, keys: touch.keys.slice(0, 1) }] : [touch],
  ),
  "unknown parts taken for FALSE": onPredicates(withoutUnknown),
  "NOT ignored": onPredicates(withoutNot),
  "other unique keys unseen": picturing((definition) => ({ ...definition, uniqueKeys: [], partialUniqueKeys: false })),
  "BEFORE triggers unseen": picturing((definition) => ({
    ...definition,
    setBeforeInsert: new Set(),
    setBeforeUpdate: new Set(),
  })),
  "generated columns unseen": withColumns((each) => ({ ...each, generated: false, onUpdate: false })),
  "lengths ignored": withColumns((each) => ({ ...each, length: 10_000 })),
  "the clock a month late": inContext((context) => ({
    ...context,
    now: context.now && {
      earliestMs: context.now.earliestMs - monthMs,
      latestMs: context.now.latestMs - monthMs,
    },
  })),
  "Aurora's spaces taken as they are": inContext((context) => ({ ...context, dialect: "mariadb" })),
};
