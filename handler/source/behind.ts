/**
 * What statements write behind their text: triggers, routines, views and foreign-key cascades, as the source's own
 * metadata tells. Engines log this differently or not at all, the metadata is the same for all of them.
 */
import { readBody, type StatementContext } from "../touch/statement";
import { namesIn, type TableIndex } from "../touch/tableIndex";
import type { StatementEffects, Touch, WideningReason, Write } from "../touch/touch";
import { cascaded, cascades, cascadeTouch } from "./cascade";
import type { ForeignKey, StoredProgram } from "./catalog";
import type { TableName } from "./definition";
import { runsInTrigger, withPlainSpaces } from "./innerStatement";
import { triggerRows } from "./triggerRows";

type Trigger = Extract<StoredProgram, { type: "trigger" }>;
type OtherProgram = Exclude<StoredProgram, Trigger>;

/** Statements built at run time name their tables nowhere. */
const dynamicSql = /\b(?:PREPARE|EXECUTE\s+IMMEDIATE)\b/iu;

/** Cascades of cascades that are told apart by rows; deeper ones touch whole tables. */
const maximumCascades = 4;

/** Readings of one trigger's body for a text: several statements of it may fire the trigger, and triggers each other. */
const maximumFirings = 8;

/** What one statement sets off, as it is collected. */
interface Search {
  readonly found: Touch[];
  /** What was gone into already, so that programs which call each other end. */
  readonly visited: Set<unknown>;
  /** How often a trigger's body was read for rows that are known. */
  readonly fired: Map<Trigger, number>;
}

export class Behind {
  readonly #foreignKeys: ReadonlyMap<string, readonly ForeignKey[]>;
  readonly #triggers: ReadonlyMap<string, readonly Trigger[]>;
  readonly #triggerBodies: readonly string[];
  readonly #views: ReadonlyMap<string, readonly OtherProgram[]>;
  readonly #routines: ReadonlyMap<string, readonly OtherProgram[]>;
  /** Views whose query calls a stored function. */
  readonly #callingViews: readonly OtherProgram[];
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
    this.#tables = tables;
    this.#names = names;
    this.#foreignKeys = grouped(foreignKeys, ({ parent }) => parent.table);
    const triggers = programs.filter((program) => program.type === "trigger");
    this.#triggers = grouped(triggers, ({ table }) => table.table);
    this.#triggerBodies = triggers.map(({ body }) => withPlainSpaces(body));
    const others = programs.filter((program) => program.type !== "trigger");
    const byName = (type: OtherProgram["type"]): ReadonlyMap<string, readonly OtherProgram[]> =>
      grouped(
        others.filter((program) => program.type === type),
        ({ name }) => name,
      );
    this.#views = byName("view");
    this.#routines = byName("routine");
    this.#callingViews = findCallingViews([...this.#views.values()].flat(), [...this.#routines.keys()]);
  }

  /** Lower-case names of tables with triggers, and of both sides of foreign keys. */
  get effective(): ReadonlySet<string> {
    const children = [...this.#foreignKeys.values()].flat().map(({ child }) => child.table.toLowerCase());
    return new Set([...this.#triggers.keys(), ...this.#foreignKeys.keys(), ...children]);
  }

  /** @param database default database of the session; empty: not known. */
  touches(effects: StatementEffects, database: string, text: string): readonly Touch[] {
    const search = newSearch();
    this.#collect(effects, database, search);
    for (const view of this.#callingViews) {
      if (text.toLowerCase().includes(view.name.toLowerCase())) this.#runCalled(view.body, search);
    }
    return effects.undone ? search.found.filter((touch) => !this.#tables.isTransactional(touch.table)) : search.found;
  }

  /** The text names the table, or something that leads to it: a foreign key, trigger, view or routine. */
  mayReach(text: string, table: string): boolean {
    const reached = new Set<string>();
    const waiting = [namesIn(text)];
    for (let names = waiting.pop(); names !== undefined; names = waiting.pop()) {
      for (const given of names) {
        const name = given.toLowerCase();
        if (reached.has(name)) continue;
        reached.add(name);
        waiting.push(new Set(this.#foreignKeys.get(name)?.map(({ child }) => child.table)));
        for (const programs of [this.#triggers, this.#views, this.#routines]) {
          for (const { body } of programs.get(name) ?? []) waiting.push(namesIn(body));
        }
      }
    }
    return reached.has(table.toLowerCase());
  }

  /** What stands behind a text that could not be read: it may write every table that it names. */
  ofUnreadable(text: string): readonly Touch[] {
    const writes = [...namesIn(text)].map((table): Write => ({ database: undefined, table, operation: "unknown" }));
    const search = newSearch();
    for (const write of writes) this.#behindWrite(write, undefined, search);
    return search.found;
  }

  /**
   * The text is one that a known trigger ran, with success. The record of the statement that fired the trigger tells all
   * that it wrote: that record is in the log as well, and is read with the whole body of the trigger.
   */
  isTriggersOwn(text: string): boolean {
    if (this.#triggerBodies.length === 0 || !runsInTrigger(text)) return false;
    const plain = withPlainSpaces(text);
    return this.#triggerBodies.some((body) => body.includes(plain));
  }

  #collect(effects: StatementEffects, database: string, search: Search): void {
    for (const write of differentWrites(effects.writes)) this.#behindWrite(write, effects.touches, search);
    if (effects.mayCallAnything) {
      for (const routines of this.#routines.values())
        for (const routine of routines) this.#run(routine, "call", search);
    }
    for (const call of effects.calls) {
      const [name = "", qualifier = database] = call.split(".").reverse();
      for (const routine of this.#routines.get(name.toLowerCase()) ?? []) {
        if (qualifier === "" || same(routine.database, qualifier)) this.#run(routine, "call", search);
      }
    }
  }

  /** @param touches of the statement that writes; `undefined`: the written rows are not known. */
  #behindWrite(write: Write, touches: readonly Touch[] | undefined, search: Search): void {
    const table = write.table.toLowerCase();
    for (const trigger of this.#triggers.get(table) ?? []) {
      if (named(trigger.table, write) && fires(trigger.event, write)) this.#fire(trigger, write, touches, search);
    }
    for (const view of this.#views.get(table) ?? []) {
      if (named({ database: view.database, table: view.name }, write)) this.#behindView(view, write, search);
    }
    this.#cascade(write, touches, search, 0);
  }

  /** A write to a view is one to any table or view that it names. */
  #behindView(view: OtherProgram, write: Write, search: Search): void {
    if (search.visited.has(view)) return;
    search.visited.add(view);
    if (view.body === "") {
      this.#touchEverything("view", search);
      return;
    }
    for (const { definition } of this.#tables.namedIn(view.body)) {
      search.found.push({ kind: "all", table: definition.name, reason: "view" });
    }
    // The table's columns may go by other names than those that ON DUPLICATE KEY UPDATE assigns in the view.
    const operation = write.operation === "insert" && write.assigns !== undefined ? "unknown" : write.operation;
    for (const table of namesIn(view.body)) {
      this.#behindWrite({ database: undefined, table, operation }, undefined, search);
    }
  }

  /** Cascades fire no triggers, but may cascade themselves. */
  #cascade(write: Write, touches: readonly Touch[] | undefined, search: Search, depth: number): void {
    for (const key of this.#foreignKeys.get(write.table.toLowerCase()) ?? []) {
      if (!named(key.parent, write) || !cascades(key, write) || search.visited.has(key)) continue;
      const known = depth < maximumCascades ? touches : undefined;
      const children = this.#tables.find(key.child.database, key.child.table);
      const own = children.map((child) => cascadeTouch(key, write, this.#tables, child, known));
      const reached = own.filter((touch) => touch !== undefined);
      if (children.length > 0 && reached.length === 0) continue;
      search.found.push(...reached);
      const narrow = children.length > 0 && reached.every(({ kind }) => kind === "where");
      if (!narrow) search.visited.add(key);
      this.#cascade(cascaded(key, write), narrow ? reached : undefined, search, depth + 1);
    }
  }

  /** A body that is read for rows that are known may be read again for others; after a while it counts for all rows. */
  #fire(trigger: Trigger, write: Write, touches: readonly Touch[] | undefined, search: Search): void {
    if (search.visited.has(trigger)) return;
    const times = search.fired.get(trigger) ?? 0;
    const runs = trigger.body !== "" && !dynamicSql.test(trigger.body);
    const isNarrow = runs && times < maximumFirings;
    const rowValues = isNarrow ? triggerRows(trigger, write, touches, this.#tables) : undefined;
    if (rowValues === undefined || rowValues.size === 0) {
      this.#run(trigger, "trigger", search);
      return;
    }
    search.fired.set(trigger, times + 1);
    const effects = readBody(trigger.body, this.#bodyContext(trigger), [], rowValues);
    for (const touch of effects.touches) search.found.push(touch);
    this.#collect(effects, trigger.database, search);
  }

  /** Adds what a stored body may write, and what stands behind that. */
  #run(program: StoredProgram, reason: WideningReason, search: Search): void {
    if (search.visited.has(program)) return;
    search.visited.add(program);
    if (program.body === "" || dynamicSql.test(program.body)) {
      this.#touchEverything(reason, search);
      return;
    }
    let effects = this.#effects.get(program);
    if (effects === undefined) {
      const locals = program.type === "trigger" ? [] : program.parameters;
      effects = readBody(program.body, this.#bodyContext(program), locals);
      this.#effects.set(program, effects);
    }
    for (const touch of effects.touches) search.found.push(touch);
    this.#collect(effects, program.database, search);
  }

  #runCalled(body: string, search: Search): void {
    for (const name of namesIn(body)) {
      for (const routine of this.#routines.get(name.toLowerCase()) ?? []) this.#run(routine, "call", search);
    }
  }

  #touchEverything(reason: WideningReason, search: Search): void {
    for (const name of this.#names) search.found.push({ kind: "all", table: name, reason });
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
}

/** Writes that are told by the same touches stand for each other: a text can hold very many statements. */
function differentWrites(writes: readonly Write[]): readonly Write[] {
  if (writes.length <= 1) return writes;
  const different = new Map<unknown, Write>();
  for (const write of writes) {
    const { database, table, operation, assigns, inserted } = write;
    different.set(inserted === undefined ? JSON.stringify([database, table, operation, assigns]) : write, write);
  }
  return [...different.values()];
}

function newSearch(): Search {
  return { found: [], visited: new Set(), fired: new Map() };
}

/** Views over such views are among them. */
function findCallingViews(views: readonly OtherProgram[], routines: readonly string[]): readonly OtherProgram[] {
  const active = new Set(routines);
  const calling = new Set<OtherProgram>();
  if (active.size === 0) return [];
  for (let before = -1; before !== calling.size;) {
    before = calling.size;
    for (const view of views) {
      if (![...namesIn(view.body)].some((name) => active.has(name.toLowerCase()))) continue;
      calling.add(view);
      active.add(view.name.toLowerCase());
    }
  }
  return [...calling];
}

function grouped<T>(items: readonly T[], nameOf: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const name = nameOf(item).toLowerCase();
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [item]);
    else group.push(item);
  }
  return groups;
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
      return event === "insert" || (event === "update" && write.assigns !== undefined);
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
