import { expect } from "chai";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArguments, UsageError } from "../../local/arguments";
import { ensureMariadb, type Machine } from "../../local/mariadbInstallation";

/** What somebody types, and what he is told: what is wrong, where, and what to do. */
describe("a mistake on the command line of npm run local", () => {
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "audit-sync-errors-"));
    writeFileSync(join(folder, "broken.yaml"), "targets: [1");
    writeFileSync(join(folder, "empty.yaml"), "");
    writeFileSync(join(folder, "names.yaml"), "- name: CRM\n  routes:\n    - source: orders\n");
    writeFileSync(
      join(folder, "clash.yaml"),
      "- name: crm\n  routes:\n    - { source: a.t, target: c.t }\n    - { source: b.t, target: c.t }\n",
    );
    writeFileSync(join(folder, "typo.yaml"), "- name: crm\n  routes:\n    - { sourc: a.t }\n");
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  function told(...args: readonly string[]): string {
    try {
      parseArguments(args);
    } catch (error) {
      expect(error).to.be.instanceOf(UsageError);
      return (error as Error).message.replaceAll(`${folder}/`, "");
    }
    throw new Error("accepted");
  }

  const mistakes: readonly (readonly [what: string, args: readonly string[], told: string])[] = [
    ["an unknown option", ["--chaoss", "1"], "Unknown option '--chaoss'; --help lists the options"],
    ["a value that is missing", ["--schema"], "--schema <value>' argument missing; --help lists the options"],
    ["a file without its option", ["shop.sql"], "Unexpected argument 'shop.sql'"],
    [
      "an SQL file that is not there",
      ["--schema", "none.sql"],
      "--schema none.sql cannot be read (ENOENT); name an SQL file",
    ],
    ["a workload that is not there", ["--workload", "none.sql"], "--workload none.sql cannot be read (ENOENT)"],
    ["routes that are not there", ["--routes", "none.yaml"], "--routes none.yaml cannot be read (ENOENT)"],
    ["routes that are no YAML", ["--routes", "broken.yaml"], "--routes broken.yaml is neither YAML nor JSON"],
    ["routes without targets", ["--routes", "empty.yaml"], "--routes empty.yaml: the routes cannot be used:"],
    ["a target's name in capitals", ["--routes", "names.yaml"], "targets.0.name: is 1 to 31 lower-case letters"],
    [
      "a table without its database",
      ["--routes", "names.yaml"],
      "targets.0.routes.0.source: is the table's full name, <database>.<table>",
    ],
    [
      "two routes into one table",
      ["--routes", "clash.yaml"],
      "target crm: two routes write c.t; a target table follows exactly one source table",
    ],
    ["a key that is misspelt", ["--routes", "typo.yaml"], "targets.0.routes.0.sourc"],
    [
      "a server option without a value",
      ["--server-option", "max-connections"],
      "--server-option max-connections is not KEY=VALUE, as in server-audit-query-log-limit=200",
    ],
    [
      "an unknown dialect",
      ["--dialect", "postgres"],
      "--dialect postgres is not known; use one of mariadb, aurora, rds-mysql",
    ],
    ["a time that is none", ["--settle-timeout", "soon"], "--settle-timeout soon is not a positive number of seconds"],
  ];
  for (const [what, args, message] of mistakes) {
    it(`is answered: ${what}`, () => {
      const full = args.map((arg) => (/\.yaml$/u.test(arg) && !arg.startsWith("none") ? join(folder, arg) : arg));
      expect(told(...full)).to.contain(message);
    });
  }

  it("is answered: a file that may not be read", function () {
    if (process.getuid?.() === 0) this.skip();
    const file = join(folder, "secret.sql");
    writeFileSync(file, "");
    chmodSync(file, 0);
    expect(told("--schema", file)).to.equal("--schema secret.sql cannot be read (EACCES); name an SQL file");
  });
});

describe("a machine without MariaDB", () => {
  function ensure(machine: Partial<Machine>): { readonly ready: boolean; readonly said: readonly string[] } {
    const said: string[] = [];
    const whole: Machine = {
      missing: () => ["mariadbd", "server_audit.so"],
      has: () => false,
      isRoot: false,
      run: () => "",
      ...machine,
    };
    return { ready: ensureMariadb((line) => said.push(line), whole), said };
  }

  it("without a package manager says what to install", () => {
    expect(ensure({})).to.deep.equal({
      ready: false,
      said: [
        "MariaDB is not complete (missing: mariadbd, server_audit.so). Install the MariaDB server, 10.6 or later, with its server_audit plugin and run this again.",
      ],
    });
  });

  it("gets it from apt, as root or through sudo", () => {
    for (const isRoot of [true, false]) {
      const ran: string[] = [];
      let installed = false;
      const { ready, said } = ensure({
        isRoot,
        has: (tool) => tool === "apt-get" || tool === "sudo",
        missing: () => (installed ? [] : ["mariadbd"]),
        run: (command) => {
          ran.push(command.join(" "));
          installed = true;
          return "";
        },
      });

      expect(ready).to.equal(true);
      expect(said).to.deep.equal([
        "MariaDB is not complete (missing: mariadbd): installing it with apt-get, which takes a minute.",
      ]);
      expect(ran.every((command) => command.startsWith("sudo ") !== isRoot)).to.equal(true);
      expect(ran.at(-1)).to.contain("apt-get install -y -qq");
      expect(ran.at(-1)).to.match(/mariadb-server$/u);
    }
  });

  it("says what the package manager said when that did not help", () => {
    const { ready, said } = ensure({
      isRoot: true,
      has: (tool) => tool === "apt-get",
      run: () => "E: Unable to locate package mariadb-server",
    });

    expect(ready).to.equal(false);
    expect(said.at(-1)).to.equal(
      "mariadbd, server_audit.so still missing after apt-get. Install MariaDB by hand. It said: E: Unable to locate package mariadb-server",
    );
  });
});
