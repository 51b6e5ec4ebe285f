import { Behind } from "../handler/source/behind";
import { readForeignKeys, readPrograms, readTables } from "../handler/source/catalog";
import { type TableName } from "../handler/source/definition";
import { type Session } from "../handler/sql/connection";
import { type AuditRecord } from "../handler/log/record";
import { readRecordText } from "../handler/sync/reading";
import { buildTableIndex } from "../handler/touch/tableIndex";
import { type Touch } from "../handler/touch/touch";

export interface TouchReader {
  readonly tables: readonly TableName[];
  /** What the function would derive from a record: touches of its text, and of what stands behind it. */
  touches(record: AuditRecord): readonly Touch[];
  /** The record changes a schema: this reader is old. */
  changesSchema(record: AuditRecord): boolean;
}

/** Reads what a server says about the tables of `databases` that are followed, and what may write them. */
export async function openTouchReader(
  session: Session,
  databases: readonly string[],
  isFollowed: (table: TableName) => boolean,
): Promise<TouchReader> {
  const programs = await readPrograms(session);
  const definitions = [...(await readTables(session, databases, programs)).values()].filter(({ name }) =>
    isFollowed(name),
  );
  const tables = buildTableIndex(definitions);
  const names = definitions.map(({ name }) => name);
  const behind = new Behind(programs, await readForeignKeys(session), tables, names);
  return {
    tables: names,
    touches: (record) => {
      if (record.operation !== "QUERY") return [];
      const effects = readRecordText(record, tables, Date.now());
      return [...effects.touches, ...behind.touches(effects, record.database, record.object)];
    },
    changesSchema: (record) => record.operation === "QUERY" && readRecordText(record, tables, Date.now()).schemaChange,
  };
}
