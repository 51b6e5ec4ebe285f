import { expect } from "chai";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const project = join(__dirname, "../..");

/** Mistakes that only a run brings to light. */
describe("a local run that cannot do what it is asked", function () {
  this.timeout(240_000);
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "audit-sync-errors-"));
    writeFileSync(
      join(folder, "shop.sql"),
      "CREATE DATABASE shop; USE shop; CREATE TABLE orders (id INT PRIMARY KEY); CREATE TABLE keyless (id INT);",
    );
    writeFileSync(join(folder, "broken.sql"), "CREATE DATABASE shop;\nUSE shop;\nCREATE TABLE orders (id INT,);\n");
    writeFileSync(join(folder, "nothing.sql"), "SELECT 1;");
    writeFileSync(
      join(folder, "routes.yaml"),
      [
        "- name: crm",
        "  routes:",
        "    - source: shop.nothing",
        "    - source: shop.keyless",
        "    - source: shop.orders",
        "      columns: [id, colour]",
      ].join("\n"),
    );
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  function run(...args: readonly string[]): {
    readonly status: number | null;
    readonly stdout: string;
    readonly stderr: string;
  } {
    const full = args.map((arg) => (/\.(?:sql|yaml)$/u.test(arg) ? join(folder, arg) : arg));
    const options = { cwd: project, encoding: "utf8" } as const;
    return spawnSync(process.execPath, ["--import", "tsx", "local/main.ts", "--json", ...full], options);
  }

  it("shows the line of the schema that the server refuses", () => {
    const { status, stdout, stderr } = run("--schema", "broken.sql");

    expect(status).to.equal(2);
    expect(stdout).to.equal("");
    expect(stderr).to.match(/the schema .*broken\.sql failed at source: ERROR 1064 \(42000\) at line 3/u);
  });

  it("says that a schema without a database leaves nothing to follow", () => {
    const { status, stderr } = run("--schema", "nothing.sql");

    expect(status).to.equal(2);
    expect(stderr).to.contain(
      "the schema makes no database to follow; begin it with CREATE DATABASE and USE, or give --routes",
    );
  });

  it("says that without the audit log nothing can be followed", () => {
    for (const option of ["server-audit-logging=OFF", "server-audit-events=CONNECT"]) {
      const { status, stderr } = run("--schema", "shop.sql", "--server-option", option);

      expect(status).to.equal(2);
      expect(stderr).to.contain(`the source's audit log does not hold the statements (--server-option ${option})`);
      expect(stderr).to.contain("leave that option out");
    }
  });

  it("shows what the server says about an option that it does not know", () => {
    const { status, stderr } = run("--schema", "shop.sql", "--server-option", "colour=blue");

    expect(status).to.equal(2);
    expect(stderr).to.contain("the source does not start with --server-option colour=blue");
    expect(stderr).to.contain("unknown variable 'colour=blue'");
  });

  it("names each route that cannot be followed before anything is written, and why", () => {
    const { status, stderr } = run("--schema", "shop.sql", "--routes", "routes.yaml", "--settle-timeout", "30");

    expect(status).to.equal(1);
    const before = stderr.slice(0, stderr.indexOf("the workload runs"));
    expect(before).to.contain(
      "crm does not follow shop.nothing → shop.nothing: the source has no table shop.nothing; create it or remove the route",
    );
    expect(before).to.contain(
      "crm does not follow shop.keyless → shop.keyless: shop.keyless has no primary key and no unique key without NULLs",
    );
    expect(before).to.contain(
      "crm does not follow shop.orders → shop.orders: the source table shop.orders has no column colour",
    );
  });
});
