/** One function instance: its sessions and its picture of the databases, kept between invocations. */
import type { Route } from "../contract/routes";
import { SyncError, toError } from "../errors";
import { runJobs } from "../refresh/jobs";
import { refreshTouches, type Context, type Notice } from "../refresh/execute";
import type { Evidence, VerifySettings } from "../refresh/verify";
import type { LogSource } from "../log/event";
import type { Databases } from "../sql/sessions";
import { readOpenTransactions, type OpenTransaction } from "../source/openTransactions";
import { tableKey } from "../source/catalog";
import { StateSchema } from "../state/schema";
import { Store, type Outstanding, type PendingTouches } from "../state/store";
import type { Touch, WideningReason } from "../touch/touch";
import { readPicture, type Picture } from "./pictures";
import { readSources, type Reading } from "./reading";
import { forgetStart, startRoutes } from "./routesStart";

export interface WorkerOptions {
  readonly databases: Databases;
  readonly routes: readonly Route[];
  readonly targetName: string;
  readonly stateDatabase: string;
  readonly excludedUsers: ReadonlySet<string>;
  readonly heartbeatUser: string | undefined;
  readonly verify: VerifySettings;
}

/** What one invocation did, in the terms of the metrics. */
export interface Outcome extends Outstanding {
  readonly records: number;
  /** Records and lines that were set aside because they cannot be read. */
  readonly unreadable: number;
  readonly touches: Readonly<Record<Touch["kind"], number>>;
  readonly written: number;
  readonly deleted: number;
  readonly widenings: ReadonlyMap<WideningReason, number>;
  /** Milliseconds from the log to the commit, for each statement that touched something. */
  readonly lagMs: readonly number[];
  /** What each stopped route needs. */
  readonly stopped: readonly string[];
  /** When the last heartbeat that came back was sent, or else the first that should have; `undefined`: there are none. */
  readonly heartbeatMs: number | undefined;
  readonly notices: readonly Notice[];
}

/** What an operator's request works with. */
export interface Desk {
  readonly context: Context;
  readonly picture: Picture;
  /** What each stopped route needs, by the route's id. */
  readonly stopped: ReadonlyMap<string, string>;
  readonly heartbeatMs: number | undefined;
}

const versionSetting = "schemaVersion";
/** Milliseconds since the epoch: the last heartbeat that came back, and when this target began to wait for one. */
const heartbeatSetting = "heartbeat";
const heartbeatSinceSetting = "heartbeatSince";
/** A picture is read again after this long even when no schema change was seen. */
const pictureAgeMs = 60_000;

export class Worker {
  readonly #options: WorkerOptions;
  readonly #state: StateSchema;
  #picture: Picture | undefined;
  #stateReady = false;
  readonly #stopped = new Map<string, string>();

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.#state = new StateSchema(options.stateDatabase);
  }

  /**
   * Applies the envelopes (none: a tick), then goes on with jobs until `jobsUntilMs`. When it returns, everything that
   * the envelopes say has been committed at the target: as rows, as pending touches, as jobs, or set aside.
   *
   * @throws {SyncError} when it could not; nothing may be acknowledged then.
   */
  async run(sources: readonly LogSource[], jobsUntilMs: number): Promise<Outcome> {
    const opened = await this.#open();
    const picture = await this.#currentPicture(opened, sources.length === 0);
    const reading = this.#read(sources, picture);
    const kinds: Record<Touch["kind"], number> = { keys: 0, where: 0, tail: 0, all: 0 };
    for (const touches of reading.touches.values()) for (const { kind } of touches) kinds[kind] += 1;
    for (const unreadable of reading.unreadable) {
      await opened.store.dead.setAside({ ...unreadable, route: undefined, code: "RECORD_MALFORMED", work: undefined });
    }
    const current = reading.schemaChanged ? await this.#afterSchemaChange(opened) : picture;
    await this.#apply(opened, current, reading);
    const committedAtMs = Date.now();
    const evidence = await this.#evidence(opened, reading);
    const context = { ...opened, evidence };
    await runJobs(context, current.plans, jobsUntilMs, (route, error) => {
      this.#stopRoute(route, error);
    });
    await this.#forgetStopped(context);
    return {
      ...(await this.#summary(context, reading)),
      touches: kinds,
      lagMs: reading.times.map((time) => Math.max(0, committedAtMs - time)),
    };
  }

  /** Does what an operator asks for, with the sessions and the picture that following uses. */
  async attend<T>(work: (desk: Desk) => Promise<T>): Promise<T> {
    const context = await this.#open();
    const picture = await this.#currentPicture(context, true);
    const heartbeatMs = await this.#heartbeatMs(context);
    const stopped = new Map([...picture.stopped.map(({ id, problem }) => [id, problem] as const), ...this.#stopped]);
    return await work({ context, picture, stopped, heartbeatMs });
  }

  async close(): Promise<void> {
    await this.#options.databases.close();
  }

  async #open(): Promise<Context> {
    const { databases } = this.#options;
    const source = await databases.source();
    const target = await databases.target();
    if (!this.#stateReady) await this.#state.ensure(target);
    this.#stateReady = true;
    const store = new Store(this.#state, target);
    return {
      source,
      target,
      store,
      counters: { written: 0, deleted: 0, dead: 0, widenings: new Map() },
      verify: this.#options.verify,
      evidence: { oldestEventMs: undefined, heartbeatMs: undefined },
      notices: [],
    };
  }

  /** Takes note of the heartbeats that came back. Records overtake each other, so only a later one counts. */
  async #evidence({ store }: Context, { oldestEventMs, heartbeatMs }: Reading): Promise<Evidence> {
    if (this.#options.heartbeatUser === undefined) return { oldestEventMs, heartbeatMs: "none" };
    const known = numberOf(await store.setting(heartbeatSetting));
    if (heartbeatMs === undefined || (known !== undefined && known >= heartbeatMs)) {
      return { oldestEventMs, heartbeatMs: known };
    }
    await store.setSetting(heartbeatSetting, heartbeatMs);
    return { oldestEventMs, heartbeatMs };
  }

  /** A heartbeat that never came has an age as well: since this target began to wait for it. */
  async #heartbeatMs({ store, evidence }: Context): Promise<number | undefined> {
    if (this.#options.heartbeatUser === undefined) return undefined;
    if (typeof evidence.heartbeatMs === "number") return evidence.heartbeatMs;
    const known =
      numberOf(await store.setting(heartbeatSetting)) ?? numberOf(await store.setting(heartbeatSinceSetting));
    if (known !== undefined) return known;
    const nowMs = Date.now();
    await store.setSetting(heartbeatSinceSetting, nowMs);
    return nowMs;
  }

  async #currentPicture(context: Context, tick: boolean): Promise<Picture> {
    const version = Number((await context.store.setting(versionSetting)) ?? 0);
    const picture = this.#picture;
    const mended = tick && (this.#stopped.size > 0 || (picture?.stopped.length ?? 0) > 0);
    if (picture?.version === version && !mended && Date.now() - picture.readAtMs < pictureAgeMs) return picture;
    return await this.#readPicture(context, version);
  }

  async #readPicture(context: Context, version: number): Promise<Picture> {
    this.#picture = undefined;
    this.#stopped.clear();
    const picture = await readPicture(this.#options.routes, context.source, context.target, version);
    await startRoutes(context, picture);
    this.#picture = picture;
    return picture;
  }

  /** Other workers see the version and read their pictures again. What they misread before is covered by `all`. */
  async #afterSchemaChange(context: Context): Promise<Picture> {
    const version = Number((await context.store.setting(versionSetting)) ?? 0) + 1;
    await context.store.setSetting(versionSetting, version);
    return await this.#readPicture(context, version);
  }

  #read(sources: readonly LogSource[], picture: Picture): Reading {
    const { excludedUsers, heartbeatUser, targetName } = this.#options;
    return readSources(sources, { picture, excludedUsers, heartbeatUser, targetName, nowMs: Date.now() });
  }

  /** Splits touches into settled ones, which are refreshed, and those of open transactions, which are kept. */
  async #apply(context: Context, picture: Picture, reading: Reading): Promise<void> {
    const { store, target, source } = context;
    const waiting = await store.pendingTouches();
    if (reading.touches.size > 0 || waiting.length > 0) {
      const open = await readOpenTransactions(source);
      const { settled, unsettled } = split(reading.touches, open);
      const over = waiting.filter((entry) => !isOpen(entry, open)).map(({ id }) => id);
      if (over.length > 0) settled.push(...(await store.loadPending(over)));
      await this.#refresh(context, picture, settled, open);
      await target.transaction(async () => {
        await store.addPending(unsettled);
        await store.removePending(over);
      });
    }
  }

  async #refresh(
    context: Context,
    picture: Picture,
    touches: readonly Touch[],
    open: readonly OpenTransaction[],
  ): Promise<void> {
    const bySource = new Map<string, Touch[]>();
    for (const touch of touches) {
      const key = tableKey(touch.table);
      const group = bySource.get(key);
      if (group === undefined) bySource.set(key, [touch]);
      else group.push(touch);
    }
    for (const [key, group] of bySource) {
      for (const plan of picture.bySource.get(key) ?? []) {
        if (this.#stopped.has(plan.id)) continue;
        try {
          await refreshTouches(context, plan, group, open);
        } catch (error) {
          this.#stopRoute(plan.id, error);
        }
      }
    }
    await this.#forgetStopped(context);
  }

  /** Only what somebody has to mend stops a route, and only that route; everything else fails the batch. */
  #stopRoute(id: string, thrown: unknown): void {
    if (!(thrown instanceof SyncError) || thrown.kind !== "misconfiguration") throw toError(thrown);
    this.#stopped.set(id, thrown.message);
  }

  async #forgetStopped(context: Context): Promise<void> {
    for (const id of this.#stopped.keys()) await forgetStart(context, { id });
  }

  async #summary(context: Context, reading: Reading): Promise<Omit<Outcome, "touches" | "lagMs">> {
    const { store, counters, notices } = context;
    const stopped = (this.#picture?.stopped ?? []).map(({ route, problem }) => `${route}: ${problem}`);
    return {
      records: reading.records,
      unreadable: reading.unreadable.length,
      written: counters.written,
      deleted: counters.deleted,
      widenings: counters.widenings,
      ...(await store.outstanding()),
      stopped: [...stopped, ...[...this.#stopped].map(([id, problem]) => `${id}: ${problem}`)],
      heartbeatMs: await this.#heartbeatMs(context),
      notices,
    };
  }
}

function numberOf(setting: unknown): number | undefined {
  return typeof setting === "number" ? setting : undefined;
}

function isOpen(waiting: PendingTouches, open: readonly OpenTransaction[]): boolean {
  return open.some(
    ({ connectionId, transactionId }) =>
      connectionId === waiting.connectionId && transactionId === waiting.transactionId,
  );
}

/**
 * A prepared XA transaction has no connection and may hold what any statement wrote, and so may any open transaction when
 * a line does not tell its connection: such touches are refreshed now and once more when that transaction is over.
 */
function split(
  touches: ReadonlyMap<string | undefined, readonly Touch[]>,
  open: readonly OpenTransaction[],
): { settled: Touch[]; unsettled: (Omit<PendingTouches, "id"> & { touches: readonly Touch[] })[] } {
  const settled: Touch[] = [];
  const unsettled: (Omit<PendingTouches, "id"> & { touches: readonly Touch[] })[] = [];
  for (const [connectionId, group] of touches) {
    const own = open.filter((transaction) => transaction.connectionId === connectionId);
    const suspects = open.filter((transaction) => transaction.connectionId === "0" || connectionId === undefined);
    if (own.length === 0) settled.push(...group);
    for (const transaction of new Set([...own, ...suspects])) unsettled.push({ ...transaction, touches: group });
  }
  return { settled, unsettled };
}
