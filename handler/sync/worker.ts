/** One function instance: its sessions and its picture of the databases, kept between invocations. */
import type { Route } from "../contract/routes";
import { adviceFor, SyncError, toError } from "../errors";
import { runJobs } from "../refresh/jobs";
import { refreshTouches } from "../refresh/execute";
import type { Context, Notice } from "../refresh/locked";
import { Paces } from "../refresh/pace";
import type { Evidence, VerifySettings } from "../refresh/verify";
import type { LogSource } from "../log/event";
import type { Databases } from "../sql/sessions";
import type { OpenTransactions } from "../source/openTransactions";
import { tableKey } from "../source/catalog";
import { StateSchema } from "../state/schema";
import { Store, type Outstanding } from "../state/store";
import type { Touch, WideningReason } from "../touch/touch";
import type { Part, Unreadable } from "./part";
import { readPicture, type Picture } from "./pictures";
import { Reader, type Reading } from "./reading";
import { startRoutes, versionSetting } from "./routesStart";
import { applyMeanwhile, Settlement, type RefreshTouches } from "./settlement";

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
/** So often in a row may a route meet an error that nothing is known of before it stops: most mend themselves. */
const unexpectedAtMost = 3;
/** A picture is read again after this long even when no schema change was seen. */
const pictureAgeMs = 60_000;

export class Worker {
  readonly #options: WorkerOptions;
  readonly #state: StateSchema;
  readonly #paces = new Paces();
  #picture: Picture | undefined;
  #stateReady = false;
  readonly #stopped = new Map<string, string>();
  /** How often each route met an error that nothing is known of since touches of it were last refreshed. */
  readonly #unexpected = new Map<string, number>();
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
    const reader = this.#reader(picture);
    const lagMs = await this.#follow(opened, reader, sources, jobsUntilMs);
    const reading = reader.result();
    const evidence = await this.#evidence(opened, reading);
    const context = { ...opened, evidence };
    await runJobs(context, (this.#picture ?? picture).plans, jobsUntilMs, (route, error) => {
      this.#stopRoute(route, error);
    });
    await this.#forgetStopped(context);
    return { ...(await this.#summary(context, reading)), touches: reading.kinds, lagMs };
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
      paces: this.#paces,
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
    const picture = await readPicture(this.#options.routes, context, version);
    return await this.#startRoutes(context, picture);
  }

  async #startRoutes(
    context: Context,
    picture: Picture,
    again: ReadonlyMap<string, WideningReason> = new Map(),
  ): Promise<Picture> {
    const { started, version } = await startRoutes(context, picture, again, (route, error) => {
      this.#stopRoute(route, error);
    });
    this.#started = new Set([...this.#started, ...started]);
    this.#picture = { ...picture, version };
    return this.#picture;
  }

  /** Other workers see the version and read their pictures again. */
  async #afterSchemaChange(context: Context): Promise<void> {
    await this.#readPicture(context, await context.store.raiseCounter(versionSetting));
  }

  #reader(picture: Picture): Reader {
    const { excludedUsers, heartbeatUser, targetName } = this.#options;
    return new Reader({ picture, excludedUsers, heartbeatUser, targetName, nowMs: Date.now() });
  }

  /** Applies each part while the next one is read. Returns the lag of every statement that touched something. */
  async #follow(
    context: Context,
    reader: Reader,
    sources: readonly LogSource[],
    untilMs: number,
  ): Promise<readonly number[]> {
    const lagMs: number[] = [];
    const settlement = await Settlement.begin(context);
    const refresh: RefreshTouches = async (touches, open) => {
      await this.#refresh(context, touches, open);
    };
    const read = (isAwaited: () => boolean): AsyncIterable<Part> => reader.parts(sources, isAwaited);
    await applyMeanwhile(read, async (part) => {
      for (const unreadable of part.unreadable) await setAside(context, unreadable);
      if (part.schemaChanged) await this.#afterSchemaChange(context);
      await settlement.apply(part.touches, refresh);
      const committedAtMs = Date.now();
      for (const time of part.times) lagMs.push(Math.max(0, committedAtMs - time));
    });
    await settlement.applyWaiting(untilMs, refresh);
    return lagMs;
  }

  async #refresh(context: Context, touches: readonly Touch[], open: OpenTransactions): Promise<void> {
    const picture = this.#picture;
    if (picture === undefined) throw new Error("touches are refreshed before the databases are known");
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
          this.#unexpected.delete(plan.id);
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
    if (!(thrown instanceof SyncError)) throw toError(thrown);
    if (thrown.kind !== "misconfiguration" && !this.#persists(id, thrown)) throw thrown;
    this.#stopped.set(id, `${thrown.message}; ${adviceFor(thrown.code)}`);
  }

  /** An error that this project does not know and that comes again and again would keep every route from going on. */
  #persists(id: string, { code, errno }: SyncError): boolean {
    if (code !== "UNEXPECTED" || errno === undefined) return false;
    const times = (this.#unexpected.get(id) ?? 0) + 1;
    this.#unexpected.set(id, times);
    return times >= unexpectedAtMost;
  }

  async #forgetStopped(context: Context): Promise<void> {
    for (const id of this.#stopped.keys()) await context.store.forgetStart(id);
  }

  async #summary(context: Context, reading: Reading): Promise<Omit<Outcome, "touches" | "lagMs">> {
    const { store, counters, notices } = context;
    const stopped = (this.#picture?.stopped ?? []).map(({ route, problem }) => `${route}: ${problem}`);
    return {
      records: reading.records,
      unreadable: reading.unreadable,
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

async function setAside({ store }: Context, unreadable: Unreadable): Promise<void> {
  await store.dead.setAside({ ...unreadable, route: undefined, code: "RECORD_MALFORMED", work: undefined });
}
