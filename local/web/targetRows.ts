/** Which rows of a target have changed since it was looked at last: its tables are small here, so all of them are read. */
import { type Connection, createConnection } from "mysql2/promise";
import { type Route } from "../../handler/contract/routes";
import { comparedTables, type ComparedTable } from "../compare/tables";
import { type Mariadb } from "../mariadb";
import { keyText } from "../compare/rowText";
import { identifier } from "../sqlText";
import { type TextRow, textRows } from "../textRows";

export interface RowChange {
  readonly kind: "inserted" | "updated" | "deleted";
  readonly before: readonly (string | null)[] | null;
  readonly after: readonly (string | null)[] | null;
}

export interface TableChanges {
  /** `database.table` at the target. */
  readonly table: string;
  readonly columns: readonly string[];
  /** Positions of the key's columns. */
  readonly keys: readonly number[];
  readonly rows: readonly RowChange[];
  /** Changed rows that are not listed. */
  readonly more: number;
}

interface TablePicture {
  readonly table: string;
  readonly columns: readonly string[];
  readonly keys: readonly number[];
  /** By the key's text. */
  readonly rows: ReadonlyMap<string, TextRow>;
}

/** Tables that are larger, or have no key, are not looked at. */
export const largestTable = 20_000;
const listedRows = 12;

export class TargetRows {
  readonly #server: Mariadb;
  readonly #routes: readonly Route[];
  #pictures: readonly TablePicture[] = [];

  constructor(server: Mariadb, routes: readonly Route[]) {
    this.#server = server;
    // A table is paired with itself: what the other side calls it does not matter here.
    this.#routes = routes.map((route) => ({ ...route, source: route.target, columns: undefined, where: undefined }));
  }

  /** What has changed since the last call; the first one has nothing to compare with. */
  async changes(): Promise<readonly TableChanges[]> {
    const before = new Map(this.#pictures.map((picture) => [picture.table, picture]));
    this.#pictures = await this.#read();
    return this.#pictures.flatMap((picture) => {
      const old = before.get(picture.table);
      const changes = old === undefined ? [] : compareRows(old.rows, picture.rows);
      if (changes.length === 0) return [];
      const { table, columns, keys } = picture;
      const more = Math.max(0, changes.length - listedRows);
      return [{ table, columns, keys, rows: changes.slice(0, listedRows), more }];
    });
  }

  async #read(): Promise<readonly TablePicture[]> {
    const target = await createConnection({ ...this.#server.rootConnection, charset: "utf8mb4" });
    try {
      await target.query("SET SESSION time_zone = '+00:00'");
      const pictures: TablePicture[] = [];
      for (const table of await comparedTables(target, target, this.#routes)) {
        const picture = await readTable(target, table);
        if (picture !== undefined) pictures.push(picture);
      }
      return pictures;
    } finally {
      await target.end();
    }
  }
}

async function readTable(target: Connection, compared: ComparedTable): Promise<TablePicture | undefined> {
  const { route, columns, key } = compared;
  if (key.length === 0) return undefined;
  const { database, table } = route.target;
  const values = columns.map((column) => keyText(column.target)).join(", ");
  const from = `${identifier(database)}.${identifier(table)}`;
  const rows = await textRows(target, `SELECT ${values} FROM ${from} LIMIT ${largestTable + 1}`);
  if (rows.length > largestTable) return undefined;
  return {
    table: compared.target,
    columns: columns.map((column) => column.target.name),
    keys: key,
    rows: new Map(rows.map((row) => [JSON.stringify(key.map((place) => row[place])), row])),
  };
}

function compareRows(before: ReadonlyMap<string, TextRow>, after: ReadonlyMap<string, TextRow>): readonly RowChange[] {
  const changes: RowChange[] = [];
  for (const [key, row] of after) {
    const old = before.get(key);
    if (old === undefined) changes.push({ kind: "inserted", before: null, after: toJson(row) });
    else if (old.some((value, column) => value !== row[column])) {
      changes.push({ kind: "updated", before: toJson(old), after: toJson(row) });
    }
  }
  for (const [key, row] of before) {
    if (!after.has(key)) changes.push({ kind: "deleted", before: toJson(row), after: null });
  }
  return changes;
}

function toJson(row: TextRow): readonly (string | null)[] {
  return row.map((value) => value ?? null);
}
