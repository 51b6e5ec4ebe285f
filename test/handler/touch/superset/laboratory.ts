/** Runs statements at a real server and tells which changed rows their touches do not select. */
import { createConnection, type Connection } from "mysql2";
import { startMariadb, type Mariadb } from "../../../../local/mariadb";
import { SyncError } from "../../../../handler/errors";
import { Behind } from "../../../../handler/source/behind";
import { readForeignKeys, readPrograms, readTables } from "../../../../handler/source/catalog";
import type { TableDefinition } from "../../../../handler/source/definition";
import type { Session } from "../../../../handler/sql/connection";
import { openDatabases, type Databases } from "../../../../handler/sql/sessions";
import { identifier, literal, utf8 } from "../../../../handler/sql/text";
import { superset } from "../../../../handler/touch/predicate";
import { renderPredicate } from "../../../../handler/touch/render";
import { readStatement, type StatementContext } from "../../../../handler/touch/statement";
import { buildTableIndex, type TableIndex } from "../../../../handler/touch/tableIndex";
import type { Literal, StatementEffects, Touch } from "../../../../handler/touch/touch";
import type { AuditRecord } from "../../../../handler/log/record";
import { quote, type TestTable } from "./schemas";

/** The reading of a statement's text. Tests put a worse one in the place of the handler's own. */
export type Derive = (text: string, context: StatementContext) => StatementEffects;

export interface Finding {
  readonly table: string;
  /** What went wrong with the row, and its key. */
  readonly problem: string;
  readonly touches: readonly Touch[];
}

export interface Trial {
  /** Error number, 0 for success. */
  readonly retcode: number;
  /** Rows that the statement inserted, changed or deleted. */
  readonly changedRows: number;
  readonly touches: readonly Touch[];
  readonly findings: readonly Finding[];
}

/** Row by key, both as hexadecimal text of the server's own bytes. */
type Image = ReadonlyMap<string, readonly string[]>;

export class Laboratory {
  readonly #server: Mariadb;
  readonly #application: Connection;
  readonly #databases: Databases;
  readonly #observer: Session;
  #definitions: readonly TableDefinition[] = [];
  #index: TableIndex = buildTableIndex([]);
  #behind = new Behind([], [], this.#index, []);
  #before = new Map<string, Image>();

  private constructor(server: Mariadb, databases: Databases, observer: Session) {
    this.#server = server;
    this.#databases = databases;
    this.#observer = observer;
    this.#application = createConnection({ socketPath: server.socket, user: "root", charset: "utf8mb4" });
  }

  static async open(): Promise<Laboratory> {
    const server = await startMariadb({ name: "touch" });
    const options = (): Promise<{ socketPath: string; user: string }> =>
      Promise.resolve({ socketPath: server.socket, user: "root" });
    const databases = openDatabases({ source: options, target: options });
    const observer = await databases.target();
    // Sees what an open transaction did, which is rolled back afterwards.
    await observer.run("SET SESSION TRANSACTION ISOLATION LEVEL READ UNCOMMITTED", "preparing");
    return new Laboratory(server, databases, observer);
  }

  async close(): Promise<void> {
    this.#application.destroy();
    await this.#databases.close();
    await this.#server.remove();
  }

  /** Makes the tables anew, in a database `shop`, and keeps copies of them in another. */
  async prepare(tables: readonly TestTable[]): Promise<void> {
    for (const setting of ["SET NAMES utf8mb4", "SET sql_mode = ''", "SET time_zone = '+00:00'"])
      await this.#must(setting);
    for (const name of ["shop", "copy"]) await this.#must(`DROP DATABASE IF EXISTS ${name}`, `CREATE DATABASE ${name}`);
    await this.#must("USE shop");
    for (const table of tables) await this.#must(...table.statements);
    const programs = await readPrograms(this.#observer);
    const definitions = await readTables(this.#observer, ["shop"], programs);
    this.#definitions = [...definitions.values()];
    this.#index = buildTableIndex(this.#definitions);
    const names = this.#definitions.map(({ name }) => name);
    this.#behind = new Behind(programs, await readForeignKeys(this.#observer), this.#index, names);
    this.#before = new Map();
    for (const definition of this.#definitions) {
      const table = quote(definition.name.table);
      const names = definition.columns.filter(({ generated }) => !generated).map(({ name }) => quote(name));
      const columns = names.join(", ");
      await this.#must(
        `CREATE TABLE copy.${table} LIKE ${table}`,
        `INSERT INTO copy.${table} (${columns}) SELECT ${columns} FROM ${table}`,
      );
      this.#before.set(definition.name.table, await this.#image(definition));
    }
  }

  /** Runs one statement in a transaction of its own, which is undone. `record`: as the log has it. */
  async try(
    statement: string,
    record: (retcode: number) => AuditRecord,
    derive: Derive = readStatement,
  ): Promise<Trial> {
    await this.run("START TRANSACTION");
    const earliestMs = Date.now() - 1000;
    const retcode = await this.run(statement);
    const { object, dialect, truncated } = record(retcode);
    const now = { earliestMs, latestMs: Date.now() + 1000 };
    const context = { database: "shop", dialect, truncated, retcode, tables: this.#index, now };
    const effects = derive(object, context);
    const touches = [...effects.touches, ...this.#behind.touches(effects, "shop", object)];
    const findings: Finding[] = [];
    let changedRows = 0;
    for (const definition of this.#definitions) {
      const own = touches.filter((touch) => touch.table.table === definition.name.table);
      const result = await this.#judge(definition, own);
      changedRows += result.changedRows;
      for (const problem of result.problems) findings.push({ table: definition.name.table, problem, touches: own });
    }
    await this.run("ROLLBACK");
    return { retcode, changedRows, touches, findings };
  }

  /** Error number of a statement of the application, 0 for success. */
  async run(statement: string): Promise<number> {
    return await new Promise((resolve) => {
      this.#application.query(statement, (error) => {
        resolve(error === null ? 0 : (error.errno ?? -1));
      });
    });
  }

  async #must(...statements: readonly string[]): Promise<void> {
    for (const statement of statements) {
      await new Promise<void>((resolve, reject) => {
        this.#application.query(statement, (error) => {
          if (error === null) resolve();
          else reject(new Error(`${error.message}: ${statement}`));
        });
      });
    }
  }

  async #judge(
    definition: TableDefinition,
    touches: readonly Touch[],
  ): Promise<{ changedRows: number; problems: readonly string[] }> {
    const before = this.#before.get(definition.name.table) ?? new Map<string, readonly string[]>();
    const after = await this.#image(definition);
    const changed = [...new Set([...before.keys(), ...after.keys()])].filter(
      (key) => before.get(key)?.join() !== after.get(key)?.join(),
    );
    const left = new Set(changed);
    const problems: string[] = [];
    // With several conditions (a cascade beside an UPDATE), each speaks of its own changes.
    const conditions = touches.filter(({ kind }) => kind === "where" || kind === "all");
    const onlyCondition = conditions.length === 1 ? conditions[0] : undefined;
    for (const touch of touches) {
      if (left.size === 0) break;
      const selected = await this.#selected(definition, touch, before);
      if (touch.kind === "where" && touch === onlyCondition)
        problems.push(...(await this.#brokenPromises(definition, touch, changed, before, after)));
      for (const key of left) if (selected === "all" || selected(key)) left.delete(key);
    }
    for (const key of left) problems.push(`changed but not touched: ${Buffer.from(key, "hex").toString("utf8")}`);
    return { changedRows: changed.length, problems };
  }

  async #image(definition: TableDefinition): Promise<Image> {
    const columns = [...definition.key, ...definition.columns.map(({ name }) => name)].map((name) => identifier(name));
    const rows = await this.#observer.rows(
      `SELECT ${columns.join(", ")} FROM shop.${identifier(definition.name.table)}`,
      "reading an image",
    );
    const cells = rows.map((row) => row.map((value) => value?.toString("hex") ?? "NULL"));
    return new Map(
      cells.map((row) => [keyText(row.slice(0, definition.key.length)), row.slice(definition.key.length)]),
    );
  }

  async #selected(
    definition: TableDefinition,
    touch: Touch,
    before: Image,
  ): Promise<"all" | ((key: string) => boolean)> {
    switch (touch.kind) {
      case "all":
        return "all";
      case "keys": {
        const columns = definition.key.map(identifier).join(", ");
        const tuples = touch.keys.map((key) => `(${key.map(literal).join(", ")})`);
        const condition = `(${columns}) IN (${tuples.join(", ")})`;
        const keys = await this.#keys(definition, touch.keys.length === 0 ? "FALSE" : condition, ["copy", "shop"]);
        return (key) => keys.has(key);
      }
      case "where": {
        const predicate = superset(touch.predicate, () => true);
        const condition = renderPredicate(predicate, { column: identifier, literal });
        const keys = await this.#keysUnlessRefused(definition, condition);
        return keys === undefined ? "all" : (key) => keys.has(key);
      }
      case "tail": {
        const highest = [...before.keys()].map(integerKey).reduce((a, b) => (a > b ? a : b), 0n);
        return (key) => !before.has(key) && integerKey(key) > highest;
      }
    }
  }

  /** A predicate that the server refuses (a result out of range) makes the handler compare the whole table. */
  async #keysUnlessRefused(definition: TableDefinition, condition: string): Promise<ReadonlySet<string> | undefined> {
    try {
      return await this.#keys(definition, condition, ["copy"]);
    } catch (error) {
      if (error instanceof SyncError && error.kind === "poison") return undefined;
      throw error;
    }
  }

  async #keys(
    definition: TableDefinition,
    condition: string,
    databases: readonly string[],
  ): Promise<ReadonlySet<string>> {
    const columns = definition.key.map(identifier).join(", ");
    const keys = new Set<string>();
    for (const database of databases) {
      const table = `\`${database}\`.${identifier(definition.name.table)}`;
      const rows = await this.#observer.rows(`SELECT ${columns} FROM ${table} WHERE ${condition}`, "finding keys");
      for (const row of rows) keys.add(keyText(row.map((value) => value?.toString("hex") ?? "NULL")));
    }
    return keys;
  }

  /** What a touch says about the rows after the statement, where it is not so. */
  async #brokenPromises(
    definition: TableDefinition,
    touch: Extract<Touch, { kind: "where" }>,
    changed: readonly string[],
    before: Image,
    after: Image,
  ): Promise<readonly string[]> {
    const problems: string[] = [];
    if (touch.operation === "delete") return problems;
    const kept = definition.columns.flatMap(({ name }, index) =>
      touch.changed === "all" || touch.changed.includes(name.toLowerCase()) ? [] : [index],
    );
    const assigned = await this.#keys(definition, allAssigned(touch.assigned), ["shop"]);
    for (const key of changed) {
      const [old, now] = [before.get(key), after.get(key)];
      if (old === undefined || now === undefined) continue;
      for (const index of kept) if (old[index] !== now[index]) problems.push(`column ${index} changed unseen`);
      if (!assigned.has(key)) problems.push("a column does not hold what was assigned");
    }
    return problems;
  }
}

function allAssigned(assigned: Readonly<Record<string, Literal>>): string {
  const parts = Object.entries(assigned).map(([column, value]) => `${identifier(column)} <=> ${literal(value)}`);
  return parts.length === 0 ? "TRUE" : parts.join(" AND ");
}

function keyText(cells: readonly string[]): string {
  return cells.join("2c");
}

/** Keys of tail touches are integers, in decimal digits. */
function integerKey(key: string): bigint {
  const digits = Buffer.from(key, "hex").toString("latin1");
  return /^-?\d+$/u.test(digits) ? BigInt(digits) : 0n;
}

export function asBytes(text: string): string {
  return utf8(text);
}
