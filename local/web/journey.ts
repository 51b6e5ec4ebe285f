import { type Touch } from "../../handler/touch/touch";
import { type TableChanges } from "./targetRows";
import { type SqlAnswer } from "./typedSql";

/** What became of one statement, or of a few that were sent together; all of it is shown on the page. */
export interface Journey {
  readonly id: number;
  readonly sql: string;
  /** `page`, or the user and connection that sent it. */
  readonly sender: string;
  /** Milliseconds since the epoch when the source had answered, or when the first line was seen. */
  startedMs: number;
  answer: SqlAnswer | undefined;
  readonly lines: { readonly text: string; readonly operation: string | undefined; readonly afterMs: number }[];
  readonly envelopes: {
    readonly envelope: unknown;
    readonly gzipBytes: number;
    readonly shardId: string;
    readonly afterMs: number;
  }[];
  readonly touches: Touch[];
  /** Some line was a statement, so that there is something to say about touches. */
  read: boolean;
  readonly targets: readonly TargetProgress[];
}

export interface TargetProgress {
  readonly name: string;
  /**
   * `travels`: not acknowledged yet. `kept`: its touches wait for an open transaction. `compares`: a whole table is
   * compared. `done`: the target has it.
   */
  state: "travels" | "kept" | "compares" | "done";
  afterMs: number | undefined;
  changes: readonly TableChanges[];
}

/** Rows of later looks are added to those that are known already. */
export function addChanges(known: readonly TableChanges[], found: readonly TableChanges[]): readonly TableChanges[] {
  const tables = new Map(known.map((table) => [table.table, table]));
  for (const table of found) {
    const old = tables.get(table.table);
    tables.set(
      table.table,
      old === undefined ? table : { ...table, rows: [...old.rows, ...table.rows], more: old.more + table.more },
    );
  }
  return [...tables.values()];
}
