import { expect } from "chai";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import type { RunResult } from "../../local/report";

const root = join(__dirname, "../..");

interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

class LocalRun {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
  #said = "";

  constructor(args: readonly string[]) {
    // As `npm run local` does, but without npm between the test and the process that it signals.
    const env = { ...process.env };
    delete env["npm_lifecycle_event"];
    this.process = spawn(process.execPath, ["--import", "tsx", "local/main.ts", ...args], { cwd: root, env });
    this.process.stderr?.on("data", (bytes: Buffer) => {
      this.#said += bytes.toString();
    });
    const { stdout, stderr } = this.process;
    if (stdout === null || stderr === null) throw new Error("the process has no pipes");
    this.ended = Promise.all([once(this.process, "close"), text(stdout)]).then(([[status, signal], printed]) => ({
      status: status as number | null,
      signal: signal as NodeJS.Signals | null,
      stdout: printed,
      stderr: this.#said,
    }));
  }

  /** Settles when the run has said `part` on standard error. */
  async says(part: string): Promise<void> {
    while (!this.#said.includes(part)) {
      if (this.process.exitCode !== null) throw new Error(`the run ended without saying ${part}:\n${this.#said}`);
      await delay(50);
    }
  }

  result(ended: Ended): RunResult {
    try {
      return JSON.parse(ended.stdout) as RunResult;
    } catch {
      throw new Error(`no JSON on standard output; it said:\n${ended.stderr}`);
    }
  }
}

describe("npm run local", function () {
  this.timeout(240_000);
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "local-run-"));
    writeFileSync(join(folder, "schema.sql"), schema);
    writeFileSync(join(folder, "first.sql"), first);
    writeFileSync(join(folder, "second.sql"), second);
    writeFileSync(join(folder, "routes.yaml"), routes);
  });

  after(() => {
    rmSync(folder, { recursive: true });
  });

  const file = (name: string): string => join(folder, name);

  it("follows a schema and workloads of one's own, and prints one JSON object", async () => {
    const run = new LocalRun([
      ...["--schema", file("schema.sql"), "--workload", file("first.sql"), "--workload", file("second.sql")],
      ...["--server-option", "server-audit-query-log-limit=400", "--json", "--keep"],
    ]);

    const ended = await run.ended;

    const { dataDirs, ...result } = run.result(ended);
    expect(ended.status, ended.stderr).to.equal(0);
    expect(Object.keys(result)).to.deep.equal([
      ...["inSync", "targets", "statements", "failedStatements", "records", "invocations", "retries", "touches"],
      ...["dead", "seconds"],
    ]);
    expect(result).to.deep.include({ inSync: true, failedStatements: 1, dead: 0 });
    expect(result.targets[0]?.tables).to.deep.equal([
      { source: "app.log", target: "app.log", rows: 3, differences: 0 },
      { source: "app.person", target: "app.person", rows: 4, differences: 0 },
      { source: "other.adult", target: "other.adult", rows: 0, differences: 0 },
    ]);
    for (const directory of [dataDirs?.source ?? "", dataDirs?.targets["target"] ?? ""]) {
      expect(readdirSync(directory), directory).to.include("ibdata1");
      // A server that was stopped in good order leaves no file of its process.
      expect(existsSync(join(directory, "../pid"))).to.equal(false);
    }
    rmSync(join(dataDirs?.source ?? "", "../.."), { recursive: true });
  });

  it("converges under trouble, in the dialect of another engine, with routes of one's own", async () => {
    const run = new LocalRun([
      ...["--schema", file("schema.sql"), "--workload", file("first.sql"), "--workload", file("second.sql")],
      ...["--routes", file("routes.yaml"), "--chaos", "7", "--dialect", "aurora", "--json"],
    ]);

    const ended = await run.ended;

    expect(ended.status, ended.stderr).to.equal(0);
    expect(run.result(ended).targets.map(({ name, tables }) => ({ name, tables }))).to.deep.equal([
      { name: "here", tables: [{ source: "app.person", target: "app.person", rows: 4, differences: 0 }] },
      { name: "there", tables: [{ source: "app.person", target: "other.adult", rows: 2, differences: 0 }] },
    ]);
  });

  it("leaves a directory at most when it is killed, which the next run removes, and nothing after Ctrl-C", async () => {
    const killed = new LocalRun(["--schema", file("schema.sql"), "--json", "--watch"]);
    await killed.says("following what you type there");
    const [path = ""] = workspacesOf(killed.process.pid);
    killed.process.kill("SIGKILL");
    await killed.ended;
    while (processesIn(path) > 0) await delay(50);
    expect(existsSync(path)).to.equal(true);

    const interrupted = new LocalRun(["--schema", file("schema.sql"), "--json", "--watch"]);
    await interrupted.says("following what you type there");
    const [own = ""] = workspacesOf(interrupted.process.pid);
    interrupted.process.kill("SIGINT");
    const ended = await interrupted.ended;

    expect(ended.stderr).to.include(`removed ${path}, which a killed run had left behind`);
    expect(existsSync(path)).to.equal(false);
    expect(ended.status, ended.stderr).to.equal(0);
    expect(interrupted.result(ended).inSync).to.equal(true);
    expect(existsSync(own)).to.equal(false);
    expect(processesIn(own)).to.equal(0);
  });

  it("says which argument cannot be used and exits with 2", async () => {
    const cases: readonly (readonly [readonly string[], string])[] = [
      [["--dialect", "oracle"], "--dialect oracle is not known; use one of mariadb, aurora, rds-mysql"],
      [["--schema", file("none.sql")], `--schema ${file("none.sql")} cannot be read (ENOENT); name an SQL file`],
      [["--settle-timeout", "soon"], "--settle-timeout soon is not a positive number of seconds"],
      [["--routes", file("first.sql")], `--routes ${file("first.sql")}`],
      [["--server-option", "x"], "--server-option x is not KEY=VALUE, as in server-audit-query-log-limit=200"],
    ];

    for (const [args, message] of cases) {
      const { status, stdout, stderr } = await new LocalRun(args).ended;

      expect(stderr).to.include(message);
      expect({ status, stdout }).to.deep.equal({ status: 2, stdout: "" });
    }
  });
});

/** Directories that a process owns, by the process id in their names. */
function workspacesOf(pid: number | undefined): readonly string[] {
  return readdirSync(tmpdir())
    .filter((name) => name.startsWith(`audit-sync-${pid ?? ""}-`))
    .map((name) => join(tmpdir(), name));
}

/** How many processes name the directory in their command lines. */
function processesIn(path: string): number {
  return readdirSync("/proc").filter((pid) => /^\d+$/u.test(pid) && commandLine(pid).includes(path)).length;
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "latin1");
  } catch {
    // It ended meanwhile.
    return "";
  }
}

const schema = `
CREATE DATABASE app;
USE app;
CREATE TABLE person (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(50) NOT NULL UNIQUE, age INT NOT NULL);
CREATE TABLE log (id INT AUTO_INCREMENT PRIMARY KEY, what VARCHAR(500) NOT NULL);
DELIMITER //
CREATE TRIGGER birth AFTER INSERT ON person FOR EACH ROW INSERT INTO log (what) VALUES (CONCAT('new: ', NEW.name))//
DELIMITER ;
CREATE DATABASE other;
CREATE TABLE other.adult (person INT PRIMARY KEY, called VARCHAR(50) NOT NULL);
`;

const first = `
USE app;
INSERT INTO person (name, age) VALUES ('Ada', 36), ('Grace', 85), ('Łukasz', 9);
INSERT INTO person (name, age) VALUES ('Ada', 1);
BEGIN;
INSERT INTO person (name, age) VALUES ('nobody', 40);
DELETE FROM log;
ROLLBACK;
UPDATE person SET age = age + 1 WHERE age < 50 AND name NOT LIKE '%${"x".repeat(600)}%';
`;

const second = `
USE app;
INSERT INTO person (id, name, age) VALUES (40, 'Alan', 41);
DELETE FROM person WHERE id = 41;
DELETE FROM log WHERE what = 'new: Alan';
UPDATE person SET name = 'Alan T.' WHERE name = 'Alan';
`;

const routes = `
targets:
  - name: here
    routes: [{ source: app.person }]
  - name: there
    routes:
      - source: app.person
        target: other.adult
        columns: { id: person, name: called }
        where: { name: [Alan T., Grace, nobody] }
`;
