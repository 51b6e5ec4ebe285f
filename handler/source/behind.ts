/**
 * What statements write behind their text: triggers, routines, views and foreign-key cascades, as the source's own
 * metadata tells. Engines log this differently or not at all, the metadata is the same for all of them.
 */
import { readBody, type StatementContext } from "../touch/statement";
import type { TableIndex } from "../touch/tableIndex";
import type { StatementEffects, Touch, WideningReason, Write } from "../touch/touch";
import { sameTable, tableKey, type ForeignKey, type StoredProgram } from "./catalog";
import type { TableName } from "./definition";

const cascading = /^(?:CASCADE|SET NULL|SET DEFAULT)$/iu;

/** Statements built at run time name their tables nowhere. */
const dynamicSql = /\b(?:PREPARE|EXECUTE\s+IMMEDIATE)\b/iu;

export class Behind {
  readonly #programs: readonly StoredProgram[];
  readonly #foreignKeys: readonly ForeignKey[];
  readonly #tables: TableIndex;
  readonly #names: readonly TableName[];
  readonly #effects = new Map<StoredProgram, StatementEffects>();

  /** `names`: the tables of the index. */
  constructor(
    programs: readonly StoredProgram[],
    foreignKeys: readonly ForeignKey[],
    tables: TableIndex,
    names: readonly TableName[],
  ) {
    this.#programs = programs;
    this.#foreignKeys = foreignKeys;
    this.#tables = tables;
    this.#names = names;
  }

  touches(effects: StatementEffects, database: string): readonly Touch[] {
    const found: Touch[] = [];
    this.#collect(effects, database, found, new Set());
    return found;
  }

  #collect(effects: StatementEffects, database: string, found: Touch[], visited: Set<unknown>): void {
    for (const write of effects.writes) this.#behindWrite(write, found, visited);
    if (effects.mayCallAnything) {
      for (const program of this.#programs) if (program.type === "routine") this.#run(program, "call", found, visited);
    }
    for (const call of effects.calls) {
      const [name = "", qualifier = database] = call.split(".").reverse();
      for (const program of this.#programs) {
        if (program.type !== "routine" || !same(program.name, name)) continue;
        if (qualifier === "" || same(program.database, qualifier)) this.#run(program, "call", found, visited);
      }
    }
  }

  #behindWrite(write: Write, found: Touch[], visited: Set<unknown>): void {
    for (const program of this.#programs) {
      if (program.type === "trigger" && named(program.table, write) && fires(program.event, write)) {
        this.#run(program, "trigger", found, visited);
      }
      if (program.type === "view" && named({ database: program.database, table: program.name }, write)) {
        if (visited.has(program)) continue;
        visited.add(program);
        found.push(...this.#named(program.body, "view"));
      }
    }
    for (const key of this.#foreignKeys) {
      if (!named(key.parent, write) || !cascades(key, write)) continue;
      const step = `${tableKey(key.child)} ${key.childColumns.join()}`;
      if (visited.has(step)) continue;
      visited.add(step);
      for (const name of this.#names) {
        if (sameTable(name, key.child)) found.push({ kind: "all", table: name, reason: "cascade" });
      }
      this.#behindWrite({ ...key.child, operation: "unknown" }, found, visited);
    }
  }

  /** Adds what a stored body may write, and what stands behind that. */
  #run(program: StoredProgram, reason: WideningReason, found: Touch[], visited: Set<unknown>): void {
    if (visited.has(program)) return;
    visited.add(program);
    if (program.body === "" || dynamicSql.test(program.body)) {
      found.push(...this.#names.map((name): Touch => ({ kind: "all", table: name, reason })));
      return;
    }
    let effects = this.#effects.get(program);
    if (effects === undefined) {
      const locals = program.type === "trigger" ? [] : program.parameters;
      effects = readBody(program.body, this.#bodyContext(program), locals);
      this.#effects.set(program, effects);
    }
    found.push(...effects.touches);
    this.#collect(effects, program.database, found, visited);
  }

  #bodyContext(program: StoredProgram): StatementContext {
    return {
      database: program.database,
      dialect: "mariadb",
      truncated: false,
      retcode: undefined,
      tables: this.#tables,
      now: undefined,
    };
  }

  #named(body: string, reason: WideningReason): Touch[] {
    const text = body.toLowerCase();
    return this.#names
      .filter((name) => text.includes(name.table.toLowerCase()))
      .map((name) => ({ kind: "all", table: name, reason }));
  }
}

function named(table: TableName, write: Write): boolean {
  return same(table.table, write.table) && (write.database === undefined || same(table.database, write.database));
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** REPLACE deletes and inserts; ON DUPLICATE KEY UPDATE is an insert that may update. */
function fires(event: "insert" | "update" | "delete", write: Write): boolean {
  switch (write.operation) {
    case "insert":
      return event !== "delete";
    case "replace":
    case "unknown":
      return true;
    case "update":
    case "delete":
      return event === write.operation;
    case "ddl":
      return false;
  }
}

function cascades(key: ForeignKey, write: Write): boolean {
  const deletes = cascading.test(key.onDelete);
  switch (write.operation) {
    case "delete":
    case "replace":
      return deletes;
    case "unknown":
      return deletes || cascading.test(key.onUpdate);
    case "insert":
    case "update": {
      if (!cascading.test(key.onUpdate)) return false;
      const { assigns } = write;
      return assigns === undefined
        ? write.operation === "update"
        : key.parentColumns.some((column) => assigns.includes(column.toLowerCase()));
    }
    case "ddl":
      return false;
  }
}
