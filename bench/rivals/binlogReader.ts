/** A binlog reader from npm with the applier that people write for it: one row after the other. */
import { EventEmitter, on } from "node:events";
import ZongJi, {
  type BinlogEvent,
  type DeleteRowsEvent,
  type UpdateRowsEvent,
  type WriteRowsEvent,
} from "@vlasky/zongji";
import { type Connection } from "mysql2/promise";
import { type Mariadb } from "../../local/mariadb";
import { identifier } from "../../local/sqlText";
import { type BinlogRange } from "../rig/backlog";
import { connectAsRoot } from "../rig/servers";
import { replicationAccount } from "./replication";

/** Applies `rows` rows of the source's binlog to tables of the same names and columns. Returns seconds. */
export async function applyFromBinlog(
  source: Mariadb,
  target: Mariadb,
  range: BinlogRange,
  rows: number,
): Promise<number> {
  const connection = await connectAsRoot(target);
  const reader = new ZongJi({ ...replicationAccount(source), dateStrings: true });
  const startedMs = performance.now();
  try {
    const events = new EventEmitter();
    const arrivals = on(events, "rows") as AsyncIterableIterator<readonly [BinlogEvent]>;
    // An async iterator over an emitter throws what is emitted as an error.
    reader.on("error", (error) => events.emit("error", error));
    reader.on("binlog", (event) => events.emit("rows", event));
    reader.start({
      serverId: 3,
      filename: range.file,
      position: range.from,
      includeEvents: ["tablemap", "writerows", "updaterows", "deleterows"],
      includeSchema: { shop: true },
    });
    let applied = 0;
    for await (const [event] of arrivals) {
      applied += await applyEvent(connection, event);
      if (applied >= rows) break;
    }
    return (performance.now() - startedMs) / 1000;
  } finally {
    reader.stop();
    await connection.end();
  }
}

/** Returns how many rows it applied. Statements are prepared once for each shape, which is the quickest way there is. */
async function applyEvent(connection: Connection, event: BinlogEvent): Promise<number> {
  const rowsEvent = event as WriteRowsEvent | UpdateRowsEvent | DeleteRowsEvent;
  const { parentSchema = "", tableName = "" } = rowsEvent.tableMap[rowsEvent.tableId] ?? {};
  const table = `${identifier(parentSchema)}.${identifier(tableName)}`;
  switch (rowsEvent.getTypeName()) {
    case "WriteRows":
      for (const row of (rowsEvent as WriteRowsEvent).rows) {
        const names = Object.keys(row);
        const places = names.map(() => "?").join(", ");
        const sql = `INSERT INTO ${table} (${names.map(identifier).join(", ")}) VALUES (${places})`;
        await connection.execute(sql, Object.values(row) as Parameter[]);
      }
      break;
    case "UpdateRows":
      for (const { before, after } of (rowsEvent as UpdateRowsEvent).rows) {
        const assignments = Object.keys(after).map((name) => `${identifier(name)} = ?`);
        const sql = `UPDATE ${table} SET ${assignments.join(", ")} WHERE id = ?`;
        await connection.execute(sql, [...Object.values(after), before["id"]] as Parameter[]);
      }
      break;
    case "DeleteRows":
      for (const row of (rowsEvent as DeleteRowsEvent).rows) {
        await connection.execute(`DELETE FROM ${table} WHERE id = ?`, [row["id"]] as Parameter[]);
      }
      break;
    default:
      // A table map: what it says is in the events that follow.
      return 0;
  }
  return rowsEvent.rows.length;
}

/** What rows of the benchmark's tables hold. */
type Parameter = string | number | null;
