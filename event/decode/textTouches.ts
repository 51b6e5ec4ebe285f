/**
 * What the text alone tells about touches. Which rows of a table a statement may have changed follows from the table's
 * key and column types, which no text has; so a touch names the table here, and nothing narrower is claimed.
 */
import { type AuditRecord } from "../../handler/log/record";
import { type TableDefinition } from "../../handler/source/definition";
import { readStatement } from "../../handler/touch/statement";
import { buildTableIndex, namesIn } from "../../handler/touch/tableIndex";
import { type StatementEffects, type WideningReason, type Write } from "../../handler/touch/touch";

export interface NamedTable {
  /** `null`: unqualified, and the record has no default database. */
  readonly database: string | null;
  readonly table: string;
}

export type TextTouch =
  /** Rows of this table, which its definition would tell. */
  | {
      readonly kind: "table";
      readonly table: NamedTable;
      readonly operation: Write["operation"];
      /** Lower-case names of the columns that an UPDATE assigns. */
      readonly assigns?: readonly string[];
    }
  /** What a routine of this name writes, if the source has one; functions that are known to be built in are left out. */
  | { readonly kind: "routine"; readonly name: string }
  /** The whole table; `null`: any table, as far as the text tells. */
  | { readonly kind: "all"; readonly table: NamedTable | null; readonly reason: WideningReason };

export function textTouches(record: AuditRecord): readonly TextTouch[] {
  if (record.operation !== "QUERY") return [];
  const effects = read(record, []);
  if (effects.mayCallAnything) return [...named(effects), anyTable(whyAnything(record))];
  return [
    ...named(effects),
    ...(effects.schemaChange ? changedTables(record) : []),
    ...(createsOnly.test(record.object) ? [] : effects.calls.map((name): TextTouch => ({ kind: "routine", name }))),
  ];
}

function anyTable(reason: WideningReason): Extract<TextTouch, { kind: "all" }> {
  return { kind: "all", table: null, reason };
}

function named({ writes }: StatementEffects): readonly TextTouch[] {
  return writes
    .filter(({ operation }) => operation !== "unknown")
    .map(({ database, table, operation, assigns }) => ({
      kind: "table",
      table: { database: database ?? null, table },
      operation,
      ...(assigns && { assigns }),
    }));
}

function whyAnything(record: AuditRecord): WideningReason {
  if (record.truncated) return "truncated";
  const touch = read(record, candidates(record)).touches.find(({ kind }) => kind === "all");
  return touch?.kind === "all" ? touch.reason : "unknown-statement";
}

const name = /(?:`(?:[^`]|``)+`|[\w$\u0080-\uffff]+)/u.source;
const path = `${name}(?:\\s*\\.\\s*${name})?`;
/** `ALTER`, `DROP`, `RENAME TABLE a, b` and `RENAME TABLE a TO b`, as far as its list of names goes. */
const changeOfTables = new RegExp(
  `^\\W*(?:alter|drop|rename)\\s[\\w\\s]*?\\btables?\\s+(?:if\\s+exists\\s+)?(${path}(?:\\s*(?:,|\\bto\\b)\\s*${path})*)`,
  "iu",
);
/** Makes something new, which no row depends on yet; a new table is among the writes. */
const createsOnly = /^\W*create\s+(?!or\s+replace\b)/iu;

/** The tables that a change of the schema names; any table when it changes what stands behind statements. */
function changedTables({ object: text, database }: AuditRecord): readonly TextTouch[] {
  if (createsOnly.test(text)) return [];
  const list = changeOfTables.exec(text)?.[1];
  if (list === undefined) return [anyTable("ddl")];
  return [...list.matchAll(new RegExp(path, "gu"))]
    .map(([full]) => [...full.matchAll(new RegExp(name, "gu"))].map(([part]) => unquoted(part)))
    .filter(([first]) => first?.toLowerCase() !== "to")
    .map(([first = "", second]) => ({
      kind: "all",
      table: second === undefined ? { database: database || null, table: first } : { database: first, table: second },
      reason: "ddl",
    }));
}

function unquoted(part: string): string {
  return part.startsWith("`") ? part.slice(1, -1).replaceAll("``", "`") : part;
}

function read(record: AuditRecord, definitions: readonly TableDefinition[]): StatementEffects {
  return readStatement(record.object, {
    database: record.database,
    dialect: record.dialect,
    truncated: record.truncated,
    retcode: record.retcode,
    tables: buildTableIndex(definitions),
    now: undefined,
  });
}

/** Every name of the text as a table of which nothing is known. */
function candidates({ object: text, database }: AuditRecord): readonly TableDefinition[] {
  return [...namesIn(text)].map((table) => ({
    name: { database, table },
    columns: [],
    key: [],
    uniqueKeys: [],
    partialUniqueKeys: false,
    autoIncrementKey: undefined,
    transactional: false,
    setBeforeInsert: new Set<string>(),
    setBeforeUpdate: new Set<string>(),
  }));
}
