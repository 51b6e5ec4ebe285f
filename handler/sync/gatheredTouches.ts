/** The touches of one connection as they are read: the same rows once, however often statements name them. */
import type { TableName } from "../source/definition";
import type { Literal, Touch } from "../touch/touch";

/** Keys of one touch; one that has to wait is stored as a whole. */
const keysOfTouch = 500;

type Key = readonly Literal[];

interface TableTouches {
  readonly table: TableName;
  /** By what tells two keys apart as they are written; the same key may still be written in several ways. */
  readonly keys: Map<string, Key>;
  /** Touches that say the same of the table however often they come. */
  readonly once: Map<string, Touch>;
}

export class GatheredTouches {
  readonly #tables = new Map<string, TableTouches>();
  readonly #searches: Touch[] = [];

  /** Returns how many keys, predicates and tables it adds to what is already here. */
  add(touch: Touch): number {
    if (touch.kind === "where") {
      this.#searches.push(touch);
      return 1;
    }
    const { keys, once } = this.#of(touch.table);
    const before = keys.size + once.size;
    if (touch.kind === "keys") for (const key of touch.keys) keys.set(written(key), key);
    else once.set(touch.kind === "all" ? touch.reason : "", touch);
    return keys.size + once.size - before;
  }

  list(): readonly Touch[] {
    const touches: Touch[] = [...this.#searches];
    for (const { table, keys, once } of this.#tables.values()) {
      const all = [...keys.values()];
      for (let start = 0; start < all.length; start += keysOfTouch) {
        touches.push({ kind: "keys", table, keys: all.slice(start, start + keysOfTouch) });
      }
      touches.push(...once.values());
    }
    return touches;
  }

  #of(table: TableName): TableTouches {
    const name = `${table.database}\0${table.table}`;
    let found = this.#tables.get(name);
    if (found === undefined) this.#tables.set(name, (found = { table, keys: new Map(), once: new Map() }));
    return found;
  }
}

function written(key: Key): string {
  const [only] = key;
  return key.length === 1 && only?.type === "number" ? only.text : JSON.stringify(key);
}
