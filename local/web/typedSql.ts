/** What somebody types at the page, on a connection of its own at the source. */
import { type Connection, createConnection, type FieldPacket } from "mysql2/promise";
import { type Mariadb } from "../mariadb";

export type StatementResult =
  | {
      readonly kind: "rows";
      readonly columns: readonly string[];
      readonly rows: readonly (readonly (string | null)[])[];
      /** Rows that are not shown. */
      readonly more: number;
    }
  | { readonly kind: "changed"; readonly affectedRows: number };

export interface SqlAnswer {
  readonly results: readonly StatementResult[];
  /** What the server said about the statement that failed; those before it have run. */
  readonly error: string | undefined;
  readonly milliseconds: number;
}

const shownRows = 50;

export class TypedSql {
  /** As the audit log names it. */
  readonly connectionId: string;
  readonly #connection: Connection;

  private constructor(connection: Connection, connectionId: string) {
    this.#connection = connection;
    this.connectionId = connectionId;
  }

  static async open(source: Mariadb, database: string | undefined): Promise<TypedSql> {
    const connection = await createConnection({
      ...source.rootConnection,
      ...(database === undefined ? {} : { database }),
      charset: "utf8mb4",
      multipleStatements: true,
      rowsAsArray: true,
      typeCast: (field) => field.string("utf8"),
    });
    return new TypedSql(connection, String(connection.threadId));
  }

  async run(sql: string): Promise<SqlAnswer> {
    const startedMs = performance.now();
    const milliseconds = (): number => performance.now() - startedMs;
    try {
      const [result, fields] = await this.#connection.query(sql);
      return { results: toResults(result, fields), error: undefined, milliseconds: milliseconds() };
    } catch (error) {
      return { results: [], error: (error as Error).message, milliseconds: milliseconds() };
    }
  }

  async close(): Promise<void> {
    await this.#connection.end();
  }
}

/** Several statements have an array of results, each with its fields; one has its own. */
function toResults(result: unknown, fields: unknown): readonly StatementResult[] {
  const several = Array.isArray(fields) && fields.some((item) => item === undefined || Array.isArray(item));
  if (!several) return [toResult(result, fields as FieldPacket[] | undefined)];
  return (result as readonly unknown[]).map((item, index) =>
    toResult(item, (fields as readonly (FieldPacket[] | undefined)[])[index]),
  );
}

function toResult(result: unknown, fields: readonly FieldPacket[] | undefined): StatementResult {
  if (!Array.isArray(result)) {
    return { kind: "changed", affectedRows: (result as { affectedRows: number }).affectedRows };
  }
  return {
    kind: "rows",
    columns: (fields ?? []).map(({ name }) => name),
    rows: (result as readonly (readonly (string | null)[])[]).slice(0, shownRows),
    more: Math.max(0, result.length - shownRows),
  };
}
