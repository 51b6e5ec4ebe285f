import { createConnection } from "mysql2/promise";
import { defaultStateDatabase } from "../handler/contract/environment";
import { type Mariadb } from "./mariadb";
import { textRows } from "./textRows";

/** What the sync's own tables at a target say about work that is not done. */
export interface Outstanding {
  /** Touches that wait for a transaction of the source. */
  readonly pending: number;
  readonly jobs: number;
  readonly dead: number;
}

/** `undefined`: the function has not made its tables yet. */
export async function readOutstanding(target: Mariadb): Promise<Outstanding | undefined> {
  const connection = await createConnection(target.rootConnection);
  try {
    const tables = await textRows(
      connection,
      "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME IN ('pending', 'jobs', 'dead')",
      [defaultStateDatabase],
    );
    if (tables[0]?.[0] !== "3") return undefined;
    const count = (table: string): string => `(SELECT COUNT(*) FROM \`${defaultStateDatabase}\`.${table})`;
    const rows = await textRows(connection, `SELECT ${["pending", "jobs", "dead"].map(count).join(", ")}`);
    const [pending = 0, jobs = 0, dead = 0] = rows[0]?.map(Number) ?? [];
    return { pending, jobs, dead };
  } finally {
    await connection.end();
  }
}
