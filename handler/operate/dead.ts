/** What was set aside: listed, tried again, forgotten. */
import { SyncError } from "../errors";
import type { LogSource } from "../log/event";
import { refreshKeyTexts } from "../refresh/execute";
import { decodeSql } from "../state/differences";
import type { StoredDead } from "../state/dead";
import type { Desk, Worker } from "../sync/worker";

export interface DeadReport {
  readonly entries: readonly DeadSummary[];
  /** Entries that are not listed. */
  readonly more: number;
}

/** One entry for a person: its key is named, because who mends a row must find it; bytes of records are not. */
export interface DeadSummary {
  readonly id: string;
  readonly kind: "row" | "record" | "line";
  /** Table of a row. */
  readonly table: string | null;
  /** Key of a row, as SQL. */
  readonly key: string | null;
  readonly code: string;
  readonly reason: string;
  readonly attempts: number;
  readonly sequenceNumber: string | null;
  readonly ageSeconds: number;
}

export interface DeadChoice {
  readonly table?: string | undefined;
  readonly ids: readonly string[] | "all";
  /** Entries after this one. Default: from the first. */
  readonly after?: string | undefined;
}

export interface Redriven {
  /** Applied, and gone from the list. */
  readonly applied: number;
  /** Refused again, with the reason of today. */
  readonly refused: number;
  /** Not tried: the time was over. */
  readonly left: number;
  /** The last entry that was tried, to go on after; `null`: there was none. */
  readonly last: string | null;
}

export async function listDead({ context }: Desk, table: string | undefined, limit: number): Promise<DeadReport> {
  const { dead } = context.store;
  const entries = await dead.list({ table, ids: "all" }, undefined, limit);
  const total = await dead.count({ table, ids: "all" });
  return { entries: entries.map(summary), more: total - entries.length };
}

function summary(entry: StoredDead): DeadSummary {
  return {
    id: entry.id,
    kind: entry.kind,
    table: entry.route ?? null,
    key: entry.work === undefined ? null : Buffer.from(decodeSql(entry.work), "latin1").toString("utf8"),
    code: entry.code,
    reason: entry.reason,
    attempts: entry.attempts,
    sequenceNumber: entry.sequenceNumber ?? null,
    ageSeconds: entry.ageSeconds,
  };
}

/** Tries entries again until `untilMs`. What is refused once more stays, with one more attempt. */
export async function redrive(worker: Worker, choice: DeadChoice, untilMs: number): Promise<Redriven> {
  let applied = 0;
  let refused = 0;
  let { after } = choice;
  while (Date.now() < untilMs) {
    const [entry] = await worker.attend(({ context }) => context.store.dead.list(choice, after, 1));
    if (entry === undefined) return { applied, refused, left: 0, last: after ?? null };
    if (await tryAgain(worker, entry)) applied += 1;
    else refused += 1;
    after = entry.id;
  }
  const left = await worker.attend(({ context }) => context.store.dead.count(choice, after));
  return { applied, refused, left, last: after ?? null };
}

/** True when the entry is gone. */
async function tryAgain(worker: Worker, entry: StoredDead): Promise<boolean> {
  return entry.kind === "row" ? await refreshRow(worker, entry) : await readAgain(worker, entry);
}

async function refreshRow(worker: Worker, entry: StoredDead): Promise<boolean> {
  return await worker.attend(async ({ context, picture }) => {
    const plan = picture.plans.get(entry.route ?? "");
    // A route that is stopped begins with a backfill once it is mended, which tries the row again as well.
    if (plan === undefined || entry.work === undefined) return false;
    const before = context.counters.dead;
    await refreshKeyTexts(context, plan, [decodeSql(entry.work)]);
    if (context.counters.dead > before) return false;
    await context.store.dead.remove(entry.id);
    return true;
  });
}

/** A newer version may understand what an older one did not. */
async function readAgain(worker: Worker, entry: StoredDead): Promise<boolean> {
  const { unreadable } = await worker.run([sourceOf(entry)], 0);
  if (unreadable > 0) return false;
  await worker.attend(({ context }) => context.store.dead.remove(entry.id));
  return true;
}

/** The entry as it would arrive again. A line gets an envelope of its own. */
function sourceOf({ id, kind, payload, sequenceNumber }: StoredDead): LogSource {
  if (payload === undefined) throw new SyncError("UNEXPECTED", `the dead entry ${id} has no payload`);
  if (kind === "record") return { sequenceNumber, data: payload.toString("base64") };
  const envelope = {
    messageType: "DATA_MESSAGE",
    owner: "redrive",
    logGroup: "redrive",
    logStream: "redrive",
    subscriptionFilters: [],
    logEvents: [{ id, timestamp: Date.now(), message: payload.toString("utf8") }],
  };
  return { sequenceNumber, data: Buffer.from(JSON.stringify(envelope)).toString("base64") };
}

export async function drop({ context }: Desk, choice: DeadChoice): Promise<{ readonly dropped: number }> {
  return { dropped: await context.store.dead.drop(choice) };
}
