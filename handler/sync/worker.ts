/** One function instance: its sessions and its picture of the databases, kept between invocations. */
import type { Route } from "../contract/routes";
import { adviceFor, SyncError, toError } from "../errors";
import { runJobs } from "../refresh/jobs";
import { refreshTouches } from "../refresh/execute";
import type { Context, Notice } from "../refresh/locked";
import type { Evidence, VerifySettings } from "../refresh/verify";
import type { LogSource } from "../log/event";
import type { Databases } from "../sql/sessions";
import { readOpenTransactions, type OpenTransaction, type OpenTransactions } from "../source/openTransactions";
import { tableKey } from "../source/catalog";
import { StateSchema } from "../state/schema";
import type { WaitingTouches } from "../state/pending";
import { Store, type Outstanding } from "../state/store";
import type { Touch, WideningReason } from "../touch/touch";
import { readPicture, type Picture } from "./pictures";
import { readSources, type Reading } from "./reading";
import { startRoutes, versionSetting } from "./routesStart";

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
  /** Routes that began during this invocation, after its records were received. */
  #started: ReadonlySet<string> = new Set();

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.#state = new StateSchema(options.stateDatabase);
  }

  /**
   * Applies the envelopes (none: a tick), then goes on with jobs until `jobsUntilMs`. When it returns, everything that
   * the envelopes say has been committed at the target: as rows, as pending touches, as jobs, or set aside. What is not
   * refreshed by `refreshUntilMs` becomes a job. Both are times on the clock of `Date.now`.
   *
   * @throws {SyncError} when it could not; nothing may be acknowledged then.
   */
  async run(sources: readonly LogSource[], jobsUntilMs: number, refreshUntilMs = Infinity): Promise<Outcome> {
    const opened = await this.#open(refreshUntilMs);
    const picture = await this.#currentPicture(opened, sources.length === 0);
    const reading = this.#read(sources, picture);
    for (const unreadable of reading.unreadable) {
      await opened.store.dead.setAside({ ...unreadable, route: undefined, code: "RECORD_MALFORMED", work: undefined });
    }
    const current = reading.schemaChanged ? await this.#afterSchemaChange(opened) : picture;
    await this.#apply(opened, current, reading, jobsUntilMs);
    const committedAtMs = Date.now();
    const evidence = await this.#evidence(opened, reading);
    const context = { ...opened, evidence };
    await runJobs(context, current.plans, jobsUntilMs, (route, error) => {
      this.#stopRoute(route, error);
    });
    await this.#forgetStopped(context);
    return {
      ...(await this.#summary(context, reading)),
      touches: reading.kinds,
      lagMs: reading.times.map((time) => Math.max(0, committedAtMs - time)),
    };
  }

  /** Does what an operator asks for, with the sessions and the picture that following uses. */
  async attend<T>(work: (desk: Desk) => Promise<T>): Promise<T> {
    const context = await this.#open(Infinity);
    const picture = await this.#currentPicture(context, true);
    const heartbeatMs = await this.#heartbeatMs(context);
    const stopped = new Map([...picture.stopped.map(({ id, problem }) => [id, problem] as const), ...this.#stopped]);
    return await work({ context, picture, stopped, heartbeatMs });
  }

  async close(): Promise<void> {
    await this.#options.databases.close();
  }

  async #open(refreshUntilMs: number): Promise<Context> {
    this.#started = new Set();
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
      refreshUntilMs,
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
    return await this.#startRoutes(context, picture);
  }

  async #startRoutes(
    context: Context,
    picture: Picture,
    again?: ReadonlyMap<string, WideningReason>,
  ): Promise<Picture> {
    const { started, version } = await startRoutes(context, picture, again);
    this.#started = new Set([...this.#started, ...started]);
    this.#picture = { ...picture, version };
    return this.#picture;
  }

  /** Other workers see the version and read their pictures again. */
  async #afterSchemaChange(context: Context): Promise<Picture> {
    return await this.#readPicture(context, await context.store.raiseCounter(versionSetting));
  }

  #read(sources: readonly LogSource[], picture: Picture): Reading {
    const { excludedUsers, heartbeatUser, targetName } = this.#options;
    return readSources(sources, { picture, excludedUsers, heartbeatUser, targetName, nowMs: Date.now() });
  }

  /** Splits touches into settled ones, which are refreshed, and those of open transactions, which are kept. */
  async #apply(context: Context, picture: Picture, reading: Reading, untilMs: number): Promise<void> {
    const { store, target, source } = context;
    const awaited = await store.pending.transactions();
    if (reading.touches.size > 0 || awaited.length > 0) {
      const open = await readOpenTransactions(source);
      const { settled, unsettled } = split(reading.touches, open.transactions);
      // An id alone: a prepared XA transaction leaves its connection.
      const over = awaited.filter((id) => !open.transactions.some(({ transactionId }) => transactionId === id));
      let waited = await store.pending.load(over);
      await this.#refresh(context, picture, [...settled, ...waited.flatMap(({ touches }) => touches)], open);
      if (unsettled.length > 0 || waited.length > 0) {
        await target.transaction(async () => {
          await store.pending.add(unsettled);
          await store.pending.remove(waited.map(({ id }) => id));
        });
      }
      // A long transaction leaves many; what there is no time for is left to later invocations.
      while (waited.length > 0 && Date.now() < untilMs) {
        waited = await store.pending.load(over);
        await this.#refresh(
          context,
          picture,
          waited.flatMap(({ touches }) => touches),
          open,
        );
        await store.pending.remove(waited.map(({ id }) => id));
      }
    }
  }

  async #refresh(context: Context, picture: Picture, touches: readonly Touch[], open: OpenTransactions): Promise<void> {
    const bySource = new Map<string, Touch[]>();
    for (const touch of touches) {
      const key = tableKey(touch.table);
      const group = bySource.get(key);
      if (group === undefined) bySource.set(key, [touch]);
      else group.push(touch);
    }
    const again = new Map<string, WideningReason>();
    for (const [key, group] of bySource) {
      for (const plan of picture.bySource.get(key) ?? []) {
        if (this.#stopped.has(plan.id)) continue;
        try {
          const reason = await refreshTouches(context, plan, group, open);
          if (reason !== undefined && !this.#started.has(plan.id)) again.set(plan.id, reason);
        } catch (error) {
          this.#stopRoute(plan.id, error);
        }
      }
    }
    if (again.size > 0) await this.#startRoutes(context, picture, again);
    await this.#forgetStopped(context);
  }

  /** Only what somebody has to mend stops a route, and only that route; everything else fails the batch. */
  #stopRoute(id: string, thrown: unknown): void {
    if (!(thrown instanceof SyncError) || thrown.kind !== "misconfiguration") throw toError(thrown);
    this.#stopped.set(id, `${thrown.message}; ${adviceFor(thrown.code)}`);
  }

  async #forgetStopped(context: Context): Promise<void> {
    for (const id of this.#stopped.keys()) await context.store.forgetStart(id);
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

/**
 * A prepared XA transaction has no connection and may hold what any statement wrote, and so may any open transaction when
 * a line does not tell its connection: such touches are refreshed now and once more when that transaction is over.
 */
function split(
  touches: ReadonlyMap<string | undefined, readonly Touch[]>,
  open: readonly OpenTransaction[],
): { settled: readonly Touch[]; unsettled: readonly WaitingTouches[] } {
  const settled: Touch[] = [];
  const unsettled: WaitingTouches[] = [];
  for (const [connectionId, group] of touches) {
    const own = open.filter((transaction) => transaction.connectionId === connectionId);
    const suspects = open.filter((transaction) => transaction.connectionId === "0" || connectionId === undefined);
    if (own.length === 0) for (const touch of group) settled.push(touch);
    for (const transaction of new Set([...own, ...suspects])) unsettled.push({ ...transaction, touches: group });
  }
  return { settled, unsettled };
}
