/** A handler between two real servers: its records come from the source's audit log when a test delivers them. */
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { parseTargets } from "../../../handler/contract/routes";
import { SyncHandler, type BatchResponse } from "../../../handler/handle";
import type { Answers } from "../../../handler/operate/operate";
import type { Operation } from "../../../handler/operate/request";
import { Session } from "../../../handler/sql/connection";
import { openDatabases } from "../../../handler/sql/sessions";
import type { Configuration } from "../../../handler/sync/configuration";
import { startMariadb, type Mariadb } from "../../../local/mariadb";

type DeepPartial<T> = { readonly [K in keyof T]?: T[K] };

export interface LaboratoryOptions {
  /** Statements that both servers run first. */
  readonly schema: readonly string[];
  readonly route: string;
  readonly heartbeat?: boolean;
  readonly repair?: boolean;
  readonly pendingWarningSeconds?: number;
}

const heartbeatUser = "heart";

export class Laboratory {
  readonly sourceServer: Mariadb;
  readonly targetServer: Mariadb;
  readonly source: Session;
  readonly target: Session;
  handler: SyncHandler;
  /** Every line that the handler wrote, parsed. */
  readonly lines: Readonly<Record<string, unknown>>[] = [];
  readonly #options: LaboratoryOptions;
  #offset = 0;
  #sequence = 0;

  private constructor(
    options: LaboratoryOptions,
    servers: { source: Mariadb; target: Mariadb },
    sessions: { source: Session; target: Session },
  ) {
    this.#options = options;
    this.sourceServer = servers.source;
    this.targetServer = servers.target;
    this.source = sessions.source;
    this.target = sessions.target;
    this.handler = this.newHandler();
  }

  static async open(options: LaboratoryOptions): Promise<Laboratory> {
    const [source, target] = await Promise.all([
      startMariadb({ name: "source", audit: true }),
      startMariadb({ name: "target" }),
    ]);
    const utf8 = ["SET character_set_connection = utf8mb4"];
    const sessions = {
      source: await Session.open("source", source.rootConnection, utf8),
      target: await Session.open("target", target.rootConnection, utf8),
    };
    for (const session of [sessions.source, sessions.target]) {
      for (const sql of options.schema) await session.run(sql, "preparing a test");
    }
    await sessions.source.run(`CREATE USER ${heartbeatUser}@'%'`, "preparing a test");
    const laboratory = new Laboratory(options, { source, target }, sessions);
    await laboratory.written();
    return laboratory;
  }

  newHandler(changes: DeepPartial<Configuration["worker"]> = {}): SyncHandler {
    const { route, heartbeat = true, repair = false, pendingWarningSeconds = 3_600 } = this.#options;
    const [target] = parseTargets([{ name: "target", routes: [{ source: route }] }]);
    return new SyncHandler(
      {
        environment: "test",
        targetName: "target",
        pendingWarningSeconds,
        heartbeat: heartbeat
          ? () => Promise.resolve({ socketPath: this.sourceServer.socket, user: heartbeatUser })
          : undefined,
        worker: {
          databases: openDatabases({
            source: () => Promise.resolve(this.sourceServer.rootConnection),
            target: () => Promise.resolve(this.targetServer.rootConnection),
          }),
          routes: target?.routes ?? [],
          targetName: "target",
          stateDatabase: "audit_sync",
          excludedUsers: new Set(),
          heartbeatUser: heartbeat ? heartbeatUser : undefined,
          verify: { settleMs: 0, repair },
          ...changes,
        },
      },
      (line) => {
        this.lines.push(JSON.parse(line) as Record<string, unknown>);
      },
    );
  }

  async atSource(...statements: string[]): Promise<void> {
    for (const sql of statements) await this.source.run(sql, "acting at the source");
  }

  async atTarget(...statements: string[]): Promise<void> {
    for (const sql of statements) await this.target.run(sql, "acting at the target");
  }

  /** The audit log's lines since the last call. A record is written after its answer, so one more statement is awaited. */
  async written(): Promise<readonly string[]> {
    await this.source.run("DO 0", "test");
    const text = readFileSync(this.sourceServer.auditFile, "utf8");
    const fresh = text.slice(this.#offset);
    this.#offset = text.length;
    return fresh.split("\n").filter((line) => line !== "");
  }

  /** A Kinesis event with these lines in one record. */
  event(lines: readonly string[], loggedAtMs = Date.now()): { Records: { kinesis: Record<string, string> }[] } {
    const content = {
      messageType: "DATA_MESSAGE",
      owner: "123456789012",
      logGroup: "/aws/rds/cluster/shop/audit",
      logStream: "shop-1.audit.log.0",
      subscriptionFilters: ["audit-sync"],
      logEvents: lines.map((message, index) => ({ id: String(index), timestamp: loggedAtMs, message })),
    };
    return this.record(gzipSync(JSON.stringify(content)));
  }

  record(data: Buffer): { Records: { kinesis: Record<string, string> }[] } {
    this.#sequence += 1;
    return { Records: [{ kinesis: { sequenceNumber: String(this.#sequence), data: data.toString("base64") } }] };
  }

  async invoke(event: unknown, remainingMs = 60_000): Promise<unknown> {
    const context = { awsRequestId: "request", getRemainingTimeInMillis: () => remainingMs };
    return await this.handler.handle(event, context);
  }

  /** Delivers what the audit log got since the last time. */
  async deliver(): Promise<BatchResponse> {
    return (await this.invoke(this.event(await this.written()))) as BatchResponse;
  }

  /** Ticks once; returns the metrics that it wrote. */
  async tick(): Promise<Readonly<Record<string, unknown>>> {
    await this.invoke({ action: "tick" });
    return this.lastMetrics;
  }

  async ask<A extends Operation["action"]>(
    request: { readonly action: A } & Readonly<Record<string, unknown>>,
  ): Promise<Answers[A]> {
    return (await this.invoke(request)) as Answers[A];
  }

  get lastMetrics(): Readonly<Record<string, unknown>> {
    const line = this.lines.findLast((entry) => "_aws" in entry);
    if (line === undefined) throw new Error("no metrics were written");
    return line;
  }

  logged(code: string): readonly Readonly<Record<string, unknown>>[] {
    return this.lines.filter((entry) => entry["code"] === code);
  }

  async close(): Promise<void> {
    await this.handler.close();
    await this.source.close();
    await this.target.close();
    await Promise.all([this.sourceServer.remove(), this.targetServer.remove()]);
  }
}
