/** The page of `npm run local -- --watch --web`: what is typed there, and everything that becomes of it. */
import { defaultHeartbeatUser, defaultSyncUser } from "../../handler/contract/environment";
import { type TableName } from "../../handler/source/definition";
import { Session } from "../../handler/sql/connection";
import { BackgroundTasks } from "../backgroundTasks";
import { observerUser } from "../databaseUsers";
import { pause } from "../pause";
import { type Pipeline } from "../pipeline";
import { clientArguments } from "../sqlClient";
import { openTouchReader, type TouchReader } from "../touchReader";
import { type Snapshot } from "../view/snapshot";
import { demoExamples, type Example } from "./demoExamples";
import { Feed } from "./feed";
import { Journeys } from "./journeys";
import { startWebServer, type WebServer } from "./server";
import { TargetRows } from "./targetRows";
import { TypedSql } from "./typedSql";

const lookMs = 25;
const pulseSeconds = 0.5;
/** A statement whose line never comes (somebody switched the log off) does not hold up the next one longer than this. */
const longestWaitMs = 2000;

/** The page is shown from the start; statements can be typed from {@link follow} on. */
export class Page {
  readonly #pipeline: Pipeline;
  readonly #isDemo: boolean;
  readonly #feed = new Feed();
  readonly #tasks = new BackgroundTasks();
  readonly #lagsSeen = new Map<string, number>();
  #server: WebServer | undefined;
  #following: { readonly sql: TypedSql; readonly journeys: Journeys } | undefined;
  #lastPulse = -Infinity;
  #pulses = 0;
  /** Statements run one after the other. */
  #turn: Promise<void> = Promise.resolve();

  private constructor(pipeline: Pipeline, isDemo: boolean) {
    this.#pipeline = pipeline;
    this.#isDemo = isDemo;
  }

  /** `isDemo`: the source has the demonstration's tables, for which there are examples. */
  static async open(pipeline: Pipeline, isDemo: boolean): Promise<Page> {
    const page = new Page(pipeline, isDemo);
    const { lanes, servers } = pipeline;
    page.#feed.send({
      event: "hello",
      id: "",
      data: {
        targets: lanes.map(({ name, target }) => ({
          name,
          routes: target.routes.map(({ source, target: to }) => `${fullName(source)} → ${fullName(to)}`),
        })),
        clients: [servers.source, ...lanes.map(({ server }) => server)].map(
          (server) => `mariadb ${clientArguments(server).join(" ")}`,
        ),
      },
    });
    page.#sendPhase("the workload runs; in a moment you can type", undefined);
    page.#server = await startWebServer(page.#feed, (sql) => page.#run(sql));
    return page;
  }

  /** With the token that opens it. */
  get url(): string {
    return this.#server?.url ?? "";
  }

  /** Never fulfilled; rejects when the page can go on no longer. */
  get failure(): Promise<never> {
    return this.#tasks.failure;
  }

  update(snapshot: Snapshot): void {
    if (snapshot.seconds - this.#lastPulse < pulseSeconds) return;
    this.#lastPulse = snapshot.seconds;
    this.#pulses += 1;
    const lags = this.#pipeline.lanes.map(({ name, metrics }) => {
      const seen = this.#lagsSeen.get(name) ?? 0;
      this.#lagsSeen.set(name, metrics.lagMs.length);
      return metrics.lagMs.slice(seen);
    });
    const targets = snapshot.targets.map((target, index) => ({ ...target, lagMs: middle(lags[index] ?? []) }));
    this.#feed.send({ event: "pulse", id: String(this.#pulses), data: { ...snapshot, targets, atMs: Date.now() } });
  }

  /** Lets statements be typed: from now on each change of a target's row belongs to one of them. */
  async follow(): Promise<void> {
    const { lanes, servers, shipper } = this.#pipeline;
    await this.#caughtUp();
    const followed = lanes.map((lane) => ({ lane, rows: new TargetRows(lane.server, lane.target.routes) }));
    for (const { rows } of followed) await rows.changes();
    let reader = await this.#openTouchReader();
    let isOld = false;
    const [database] = lanes.flatMap(({ target }) => target.routes.map(({ source }) => source.database));
    const sql = await TypedSql.open(servers.source, database);
    const journeys = new Journeys({
      lanes: followed,
      pageConnectionId: sql.connectionId,
      ignoredUsers: new Set([defaultSyncUser, defaultHeartbeatUser, observerUser]),
      touchReader: () => reader,
      onSchemaChange: () => {
        isOld = true;
      },
      show: (journey) => {
        this.#feed.send({ event: "journey", id: String(journey.id), data: journey });
      },
    });
    shipper.onShipped = (envelopes) => {
      journeys.shipped(envelopes, new Map(shipper.shipped));
    };
    this.#following = { sql, journeys };
    this.#tasks.start(async (stop) => {
      while (!stop.aborted) {
        if (isOld) {
          isOld = false;
          reader = await this.#openTouchReader();
        }
        await journeys.look();
        await pause(lookMs, stop);
      }
    });
    this.#sendPhase(
      "type a statement for the source, and follow it",
      this.#isDemo ? await this.#asSync(demoExamples) : [],
    );
  }

  async close(): Promise<void> {
    this.#pipeline.shipper.onShipped = undefined;
    this.#sendPhase("the run has ended", undefined);
    await this.#tasks.stop();
    await this.#turn;
    await this.#following?.sql.close();
    this.#following = undefined;
    await this.#server?.close();
  }

  async #run(statement: string): Promise<void> {
    const before = this.#turn;
    const own = (async () => {
      await before;
      await this.#runNow(statement);
    })();
    this.#turn = own;
    await own;
  }

  async #runNow(statement: string): Promise<void> {
    if (this.#following === undefined) return;
    const { sql, journeys } = this.#following;
    const { answered, logged } = journeys.begin(statement);
    answered(await sql.run(statement));
    const waited = new AbortController();
    await Promise.race([logged, pause(longestWaitMs, waited.signal)]);
    waited.abort();
  }

  /** `examples`: what can be tried; `undefined`: nothing can be typed. */
  #sendPhase(text: string, examples: readonly Example[] | undefined): void {
    this.#feed.send({
      event: "phase",
      id: "",
      data: { text, ready: examples !== undefined, examples: examples ?? [] },
    });
  }

  /** Waits until the targets have what the workload did, so that none of it is taken for somebody's statement. */
  async #caughtUp(): Promise<void> {
    const { lanes, shipper } = this.#pipeline;
    const total = (): number => [...shipper.shipped.values()].reduce((sum, count) => sum + count, 0);
    while (lanes.some((lane) => lane.acknowledged < total())) await pause(lookMs, new AbortController().signal);
  }

  async #openTouchReader(): Promise<TouchReader> {
    const { lanes } = this.#pipeline;
    const sources = lanes.flatMap(({ target }) => target.routes.map(({ source }) => source));
    const isFollowed = ({ database, table }: TableName): boolean =>
      sources.some((source) => source.database === database && (source.table === "*" || source.table === table));
    const databases = [...new Set(sources.map(({ database }) => database))];
    return await this.#asSync((session) => openTouchReader(session, databases, isFollowed));
  }

  /** As the sync's own user, who sees at the source what the function sees and is not in the log. */
  async #asSync<T>(work: (source: Session) => Promise<T>): Promise<T> {
    const { servers } = this.#pipeline;
    const connection = {
      host: "127.0.0.1",
      port: servers.source.port,
      user: defaultSyncUser,
      password: servers.passwords.sync,
    };
    const session = await Session.open("source", connection, []);
    try {
      return await work(session);
    } finally {
      await session.close();
    }
  }
}

function fullName({ database, table }: TableName): string {
  return `${database}.${table}`;
}

function middle(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}
