/** Follows statements from the audit log to the targets, by what the pipeline lets be seen of itself. */
import { parseAuditLine } from "../../handler/log/auditLine";
import { type AuditRecord } from "../../handler/log/record";
import { type ShippedEnvelope } from "../shipping/shipper";
import { readOutstanding } from "../syncState";
import { type TargetLane } from "../targetLane";
import { type TouchReader } from "../touchReader";
import { addChanges, type Journey, type TargetProgress } from "./journey";
import { type TargetRows } from "./targetRows";
import { type SqlAnswer } from "./typedSql";

/** Stream records of each shard that have to be acknowledged before a journey is over. */
type Goal = ReadonlyMap<string, number>;

export interface FollowedLane {
  readonly lane: Pick<TargetLane, "name" | "consumers" | "server">;
  readonly rows: TargetRows;
}

export interface JourneyParts {
  readonly lanes: readonly FollowedLane[];
  readonly pageConnectionId: string;
  /** Users whose statements are the sync's own. */
  readonly ignoredUsers: ReadonlySet<string>;
  readonly touchReader: () => TouchReader;
  /** A record changed a schema. */
  readonly onSchemaChange: () => void;
  readonly show: (journey: Journey) => void;
}

interface Open {
  readonly journey: Journey;
  readonly connectionId: string;
  goal: Goal;
  /** Resolves when the first statement's line has come. */
  readonly logged: () => void;
}

/** Between two looks at a target that has something to wait for. */
const pauseMs = 100;

export class Journeys {
  readonly #parts: JourneyParts;
  readonly #open: Open[] = [];
  /** By target: not before this moment is it looked at again. */
  readonly #nextLookMs = new Map<string, number>();
  #count = 0;

  constructor(parts: JourneyParts) {
    this.#parts = parts;
  }

  /** A statement is about to be sent from the page; its lines belong to it until the next one is. */
  begin(sql: string): { readonly answered: (answer: SqlAnswer) => void; readonly logged: Promise<void> } {
    let log: () => void = () => undefined;
    const logged = new Promise<void>((resolve) => {
      log = resolve;
    });
    const open = this.#start(sql, "page", this.#parts.pageConnectionId, log);
    return {
      answered: (answer) => {
        open.journey.answer = answer;
        if (open.journey.lines.length === 0) open.journey.startedMs = Date.now();
        this.#parts.show(open.journey);
      },
      logged,
    };
  }

  /** Envelopes went into the stream, with as many records before and of them as `goal` says. */
  shipped(envelopes: readonly ShippedEnvelope[], goal: Goal): void {
    const changed = new Set<Journey>();
    for (const shipped of envelopes) {
      const own = new Set<Open>();
      for (const { message } of shipped.envelope.logEvents) {
        const open = this.#addLine(message);
        if (open !== undefined) own.add(open);
      }
      for (const open of own) {
        const { envelope, gzipBytes, shardId } = shipped;
        open.journey.envelopes.push({ envelope, gzipBytes, shardId, afterMs: Date.now() - open.journey.startedMs });
        open.goal = goal;
        for (const target of open.journey.targets) target.state = "travels";
        changed.add(open.journey);
      }
    }
    for (const journey of changed) this.#parts.show(journey);
  }

  /** Looks how far each target is, and at its rows when something may have arrived. */
  async look(): Promise<void> {
    for (const followed of this.#parts.lanes) await this.#lookAt(followed);
    const over = this.#open.filter(({ journey }) => journey.targets.every(({ state }) => state === "done"));
    const last = this.#open.findLast(({ connectionId }) => connectionId === this.#parts.pageConnectionId);
    // Lines of the page's connection belong to its last statement, however late they come.
    for (const open of over) if (open !== last) this.#open.splice(this.#open.indexOf(open), 1);
  }

  #start(sql: string, sender: string, connectionId: string, logged: () => void): Open {
    this.#count += 1;
    const journey: Journey = {
      id: this.#count,
      sql,
      sender,
      startedMs: Date.now(),
      answer: undefined,
      lines: [],
      envelopes: [],
      touches: [],
      read: false,
      targets: this.#parts.lanes.map(({ lane }) => ({
        name: lane.name,
        state: "travels",
        afterMs: undefined,
        changes: [],
      })),
    };
    const open = { journey, connectionId, goal: new Map(), logged };
    this.#open.push(open);
    this.#parts.show(journey);
    return open;
  }

  #addLine(line: string): Open | undefined {
    const parsed = parseAuditLine(line);
    if (!parsed.ok || this.#parts.ignoredUsers.has(parsed.record.user)) return undefined;
    const { record } = parsed;
    const open = this.#find(record);
    if (open === undefined) return undefined;
    const { journey } = open;
    journey.lines.push({ text: line, operation: record.operation, afterMs: Date.now() - journey.startedMs });
    if (record.operation !== "QUERY") return open;
    const reader = this.#parts.touchReader();
    journey.touches.push(...reader.touches(record));
    journey.read = true;
    if (reader.changesSchema(record)) this.#parts.onSchemaChange();
    open.logged();
    return open;
  }

  /** The journey that a record belongs to: the last one of its connection, or a new one of another connection. */
  #find(record: AuditRecord): Open | undefined {
    const { connectionId, operation, user, host } = record;
    const known = this.#open.findLast((open) => open.connectionId === connectionId);
    if (connectionId === this.#parts.pageConnectionId) return known;
    const arrived = known?.journey.envelopes.length ?? 0;
    if (known !== undefined && arrived === 0) return known;
    if (operation !== "QUERY") return undefined;
    return this.#start(record.object, `${user}@${host}, connection ${connectionId}`, connectionId, () => undefined);
  }

  async #lookAt({ lane, rows }: FollowedLane): Promise<void> {
    const waiting = this.#open.flatMap((open) => {
      const progress = open.journey.targets.find(({ name }) => name === lane.name);
      const arrived = open.journey.envelopes.length > 0 && progress?.state !== "done" && isReached(open.goal, lane);
      return arrived && progress !== undefined ? [{ open, progress }] : [];
    });
    const [oldest] = waiting;
    if (oldest === undefined || Date.now() < (this.#nextLookMs.get(lane.name) ?? 0)) return;
    this.#nextLookMs.set(lane.name, Date.now() + pauseMs);
    const outstanding = await readOutstanding(lane.server);
    const changes = await rows.changes();
    oldest.progress.changes = addChanges(oldest.progress.changes, changes);
    for (const { open, progress } of waiting) {
      const state = nextState(outstanding);
      if (state === progress.state && changes.length === 0) continue;
      this.#advance(open, progress, state);
    }
  }

  #advance({ journey }: Open, progress: TargetProgress, state: TargetProgress["state"]): void {
    progress.state = state;
    progress.afterMs = Date.now() - journey.startedMs;
    this.#parts.show(journey);
  }
}

function isReached(goal: Goal, { consumers }: FollowedLane["lane"]): boolean {
  return consumers.every(({ shardId, acknowledged }) => acknowledged >= (goal.get(shardId) ?? 0));
}

function nextState(outstanding: Awaited<ReturnType<typeof readOutstanding>>): TargetProgress["state"] {
  if (outstanding === undefined || outstanding.jobs > 0) return "compares";
  return outstanding.pending > 0 ? "kept" : "done";
}
