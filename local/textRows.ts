import { type Connection, type RowDataPacket } from "mysql2/promise";

/** A row as the server prints it; `undefined` stands for NULL. */
export type TextRow = readonly (string | undefined)[];

export async function textRows(
  connection: Connection,
  sql: string,
  values: (string | readonly string[])[] = [],
): Promise<readonly TextRow[]> {
  const [rows] = await connection.query<RowDataPacket[][]>({
    sql,
    values,
    rowsAsArray: true,
    typeCast: (field) => field.string() ?? undefined,
  });
  return rows as readonly unknown[] as readonly TextRow[];
}
