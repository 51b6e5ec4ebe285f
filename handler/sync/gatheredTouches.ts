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
  tail: boolean;
}

export class GatheredTouches {
  readonly #tables = new Map<string, TableTouches>();
  readonly #others: Touch[] = [];

  add(touch: Touch): void {
    if (touch.kind === "keys") {
      const { keys } = this.#of(touch.table);
      for (const key of touch.keys) keys.set(written(key), key);
    } else if (touch.kind === "tail") {
      this.#of(touch.table).tail = true;
    } else {
      this.#others.push(touch);
    }
  }

  list(): readonly Touch[] {
    const touches: Touch[] = [...this.#others];
    for (const { table, keys, tail } of this.#tables.values()) {
      const all = [...keys.values()];
      for (let start = 0; start < all.length; start += keysOfTouch) {
        touches.push({ kind: "keys", table, keys: all.slice(start, start + keysOfTouch) });
      }
      if (tail) touches.push({ kind: "tail", table });
    }
    return touches;
  }

  #of(table: TableName): TableTouches {
    const name = `${table.database}\0${table.table}`;
    let found = this.#tables.get(name);
    if (found === undefined) this.#tables.set(name, (found = { table, keys: new Map(), tail: false }));
    return found;
  }
}

function written(key: Key): string {
  const [only] = key;
  return key.length === 1 && only?.type === "number" ? only.text : JSON.stringify(key);
}
