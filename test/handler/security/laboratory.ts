import { existsSync, rmSync } from "node:fs";
import { createConnection, type Connection } from "mysql2/promise";
import { defaultSyncUser } from "../../../handler/contract/environment";
import { parseTargets, type Route } from "../../../handler/contract/routes";
import { SyncHandler, type BatchResponse } from "../../../handler/handle";
import { Session } from "../../../handler/sql/connection";
import { openDatabases } from "../../../handler/sql/sessions";
import { readPrograms, readTables } from "../../../handler/source/catalog";
import { selectsEverything } from "../../../handler/touch/predicate";
import { readStatement } from "../../../handler/touch/statement";
import { TableIndex } from "../../../handler/touch/tableIndex";
import { createSourceUsers, createTargetUsers, makePasswords } from "../../../local/databaseUsers";
import { kinesisEvent } from "../../../local/function/kinesisEvent";
import { startMariadb, type Mariadb } from "../../../local/mariadb";
import { createRandom } from "../../../local/random";
import { textRows, type TextRow } from "../../../local/textRows";
import { programs, tables as tableDefinitions, targetOnly } from "../../local/convergence/schema";
import { anyWrite } from "../../local/convergence/statements";
import { canary, canaryNumber } from "./attacks";

const stateDatabase = "audit_sync";
const outfile = `/tmp/${canary}`;

/** `log` and `tree` stand beside the routed tables and belong to nobody. */
const routed = "auto uni word pair shift kind live body parent child grandchild odd refused".split(" ");

export const routes: readonly Route[] =
  parseTargets([
    {
      name: "target",
      routes: [
        ...routed.map((table) => ({ source: `shop.${table}` })),
        { source: "shop.filtered", where: { state: [1, 2] } },
        { source: "shop.part", target: "shop.part_copy", columns: { id: "id", shown: "seen", email: "email" } },
      ],
    },
  ])[0]?.routes ?? [];

/** What nobody may touch, and traps that leave a trace when somebody calls them. */
const vault = [
  "CREATE DATABASE vault",
  "CREATE TABLE vault.secrets (id INT PRIMARY KEY, secret VARCHAR(50))",
  `INSERT INTO vault.secrets VALUES (1, '${canary}')`,
  "CREATE TABLE vault.traces (id INT AUTO_INCREMENT PRIMARY KEY, who VARCHAR(200))",
  "CREATE SEQUENCE vault.numbers",
  "CREATE FUNCTION vault.attack(x INT) RETURNS INT BEGIN INSERT INTO vault.traces (who) VALUES (USER()); RETURN x; END",
  "CREATE FUNCTION shop.attack(x INT) RETURNS INT BEGIN INSERT INTO vault.traces (who) VALUES (USER()); RETURN x; END",
];

/** A handler between two real servers whose general logs tell every statement of its sessions. */
export class Laboratory {
  readonly source: Mariadb;
  readonly target: Mariadb;
  /** Everything that the handler wrote to its log or threw. */
  readonly said: string[] = [];
  readonly #roots: readonly Connection[];
  readonly #tables: TableIndex;
  readonly #handler: SyncHandler;
  #sequence = 0;

  static async open(): Promise<Laboratory> {
    rmSync(outfile, { force: true });
    // Small packets, as some targets have them, hold less than a text of the log may be long.
    const options = { "log-output": "TABLE", "max-allowed-packet": "1M" };
    const [source, target] = await Promise.all([
      startMariadb({ name: "source", options }),
      startMariadb({ name: "target", options }),
    ]);
    const passwords = makePasswords();
    const roots = await Promise.all(
      [source, target].map(({ rootConnection }) => createConnection({ ...rootConnection, charset: "utf8mb4" })),
    );
    const [atSource, atTarget] = roots;
    if (atSource === undefined || atTarget === undefined) throw new Error("there are two servers");
    await createSourceUsers(atSource, routes, passwords);
    await createTargetUsers(atTarget, routes, passwords);
    for (const root of roots) {
      // Nothing but the handler itself keeps it from anything.
      await root.query("GRANT ALL ON *.* TO audit_sync@'%'");
      await root.query("CREATE DATABASE shop");
      await root.query("USE shop");
      for (const sql of tableDefinitions) await root.query(sql);
      await root.query(
        `CREATE TABLE refused (id INT PRIMARY KEY, v VARCHAR(40)${root === atTarget ? " CHECK (v LIKE 'fine%')" : ""})`,
      );
      for (const sql of root === atSource ? programs : targetOnly) await root.query(sql);
      for (const sql of vault) await root.query(sql);
    }
    await fill(atSource);
    const tables = await pictureOf(source);
    for (const root of roots) await root.query("SET GLOBAL general_log = ON");
    return new Laboratory({ source, target }, roots, tables, passwords.sync);
  }

  private constructor(
    { source, target }: { readonly source: Mariadb; readonly target: Mariadb },
    roots: readonly Connection[],
    tables: TableIndex,
    password: string,
  ) {
    this.#tables = tables;
    this.source = source;
    this.target = target;
    this.#roots = roots;
    const to = (server: Mariadb) => () =>
      Promise.resolve({ host: "127.0.0.1", port: server.port, user: defaultSyncUser, password });
    const worker = {
      databases: openDatabases({ source: to(source), target: to(target) }),
      routes,
      targetName: "target",
      stateDatabase,
      excludedUsers: new Set<string>(),
      heartbeatUser: undefined,
      verify: { settleMs: 0, repair: false },
    };
    this.#handler = new SyncHandler(
      { environment: "test", targetName: "target", worker, pendingWarningSeconds: 0, heartbeat: undefined },
      (line) => this.said.push(line),
    );
  }

  async close(): Promise<void> {
    await this.#handler.close();
    await Promise.all(this.#roots.map((root) => root.end()));
    await Promise.all([this.source.remove(), this.target.remove()]);
  }

  /** Hands stream records to the handler; true when they were acknowledged. */
  async handle(data: readonly (string | Buffer)[]): Promise<boolean> {
    const records = data.map((each) => ({
      data: Buffer.from(each),
      partitionKey: "1",
      sequenceNumber: String(++this.#sequence),
      shardId: "shardId-000000000000",
      arrivedMs: Date.now(),
    }));
    const event = kinesisEvent(records, { arn: "arn:aws:kinesis:eu-west-1:1:stream/s", region: "eu-west-1" });
    const response = (await this.#invoke(event)) as BatchResponse | undefined;
    return response?.batchItemFailures.length === 0;
  }

  async tick(): Promise<void> {
    await this.#invoke({ action: "tick" });
  }

  /**
   * Whether rows are searched or named, and no table is compared whole: a comparison spares the searches of its batch, so
   * that attacks that widen would hide the others.
   */
  isNarrow(text: string): boolean {
    return (["mariadb", "aurora"] as const).every((dialect) =>
      [0, 1146].every((retcode) => this.#isNarrow(text, dialect, retcode)),
    );
  }

  #isNarrow(text: string, dialect: "mariadb" | "aurora", retcode: number): boolean {
    const effects = readStatement(text, {
      database: "shop",
      dialect,
      truncated: false,
      retcode,
      tables: this.#tables,
      now: undefined,
    });
    if (effects.schemaChange || effects.programChange || effects.mayCallAnything || effects.calls.length > 0)
      return false;
    return effects.touches.every(
      (touch) => touch.kind !== "all" && (touch.kind !== "where" || !selectsEverything(touch.predicate)),
    );
  }

  async #invoke(event: unknown): Promise<unknown> {
    try {
      return await this.#handler.handle(event, { awsRequestId: "r", getRemainingTimeInMillis: () => 20_000 });
    } catch (thrown) {
      this.said.push(thrown instanceof Error ? `${thrown.message} ${thrown.stack ?? ""}` : String(thrown));
      return undefined;
    }
  }

  /** Takes what the sync's sessions have sent since the last call out of both servers' logs. */
  async statements(): Promise<readonly string[]> {
    const all: string[] = [];
    for (const root of this.#roots) {
      await root.query("SET GLOBAL general_log = OFF");
      const rows = await textRows(
        root,
        `SELECT argument FROM mysql.general_log WHERE user_host LIKE '%audit_sync%' AND command_type <> 'Connect'
         AND command_type <> 'Quit' ORDER BY event_time`,
      );
      await root.query("TRUNCATE mysql.general_log");
      await root.query("SET GLOBAL general_log = ON");
      all.push(...rows.map(([argument]) => argument ?? ""));
    }
    return all;
  }

  /** Names that the sync's statements may quote. */
  async names(): Promise<ReadonlySet<string>> {
    const names = new Set(["shop", stateDatabase]);
    for (const [index, root] of this.#roots.entries()) {
      const own = routes.map((route) => (index === 0 ? route.source : route.target).table);
      for (const [table, column] of await textRows(
        root,
        `SELECT TABLE_NAME, COLUMN_NAME FROM information_schema.COLUMNS
         WHERE TABLE_SCHEMA = 'shop' AND TABLE_NAME IN (?) OR TABLE_SCHEMA = '${stateDatabase}'`,
        [own],
      )) {
        names.add(table ?? "").add(column ?? "");
      }
    }
    return names;
  }

  /** Everything that is none of the sync's business. */
  async others(): Promise<readonly TextRow[]> {
    const all: TextRow[] = [[String(existsSync(outfile))]];
    for (const root of this.#roots) {
      for (const sql of [
        "CHECKSUM TABLE vault.secrets, vault.traces, shop.log, shop.tree, mysql.global_priv, mysql.db, mysql.tables_priv",
        "SELECT table_schema, table_name, create_time FROM information_schema.TABLES WHERE table_schema IN ('vault', 'shop') AND table_name IN ('secrets', 'traces', 'numbers', 'log', 'tree') ORDER BY 1, 2",
        "SELECT next_not_cached_value FROM vault.numbers",
        "SELECT routine_schema, routine_name, routine_definition FROM information_schema.ROUTINES ORDER BY 1, 2",
        "SELECT trigger_schema, trigger_name, action_statement FROM information_schema.TRIGGERS ORDER BY 1, 2",
        "SELECT schema_name FROM information_schema.SCHEMATA ORDER BY 1",
        "SELECT IS_FREE_LOCK('vault')",
        `SELECT variable_name, variable_value FROM information_schema.GLOBAL_VARIABLES
         WHERE variable_name NOT IN ('GTID_BINLOG_POS', 'GTID_CURRENT_POS') ORDER BY 1`,
      ]) {
        all.push(...(await textRows(root, sql)));
      }
    }
    return all;
  }

  /** Runs `work` while a transaction of this connection is open at the source. */
  async whileOpen(work: (connectionId: string) => Promise<void>): Promise<void> {
    const [root] = this.#roots;
    if (root === undefined) throw new Error("there is a source");
    await root.query("BEGIN");
    await root.query("UPDATE shop.shift SET v = v + 1");
    try {
      await work(String(root.threadId));
    } finally {
      await root.query("ROLLBACK");
    }
  }

  async atTarget(sql: string): Promise<readonly TextRow[]> {
    const root = this.#roots[1];
    if (root === undefined) throw new Error("there is a target");
    return await textRows(root, sql);
  }
}

/** Rows of every table, some with values that nobody may read in a log. */
async function fill(root: Connection): Promise<void> {
  const random = createRandom("rows", "security");
  for (let count = 0; count < 300; count++) await root.query(anyWrite(random, false)).catch(() => undefined);
  await root.query(`INSERT INTO auto (a, b) VALUES (3, '${canary}')`);
  await root.query(
    `INSERT INTO refused VALUES (1, 'fine'), (2, '${canary}'), (${canaryNumber.slice(0, 9)}, '${canary}')`,
  );
}

async function pictureOf(source: Mariadb): Promise<TableIndex> {
  const session = await Session.open("source", source.rootConnection, []);
  try {
    const definitions = await readTables(session, ["shop"], await readPrograms(session));
    const routed = new Set(routes.map((route) => route.source.table));
    return new TableIndex([...definitions.values()].filter(({ name }) => routed.has(name.table)));
  } finally {
    await session.close();
  }
}
