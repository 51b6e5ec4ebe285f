import { expect } from "chai";
import type { Account, Grant } from "../../../handler/contract/databaseUsers";
import { SyncError } from "../../../handler/errors";
import { Session } from "../../../handler/sql/connection";
import { prepareUsers } from "../../../handler/users/prepareUsers";
import { startMariadb, type Mariadb } from "../../../local/mariadb";

describe("prepareUsers", function () {
  this.timeout(60_000);
  let server: Mariadb;
  let session: Session;

  before(async () => {
    server = await startMariadb({ name: "users" });
    session = await Session.open("database", server.rootConnection, []);
    await session.run("CREATE DATABASE my_shop", "setting up");
  });

  after(async () => {
    await session.close();
    await server.remove();
  });

  it("gives exactly the grants asked for, on tables that do not exist yet", async () => {
    const report = await prepareUsers(session, [
      account("sync_a", [
        { privileges: ["PROCESS"] },
        { privileges: ["SELECT"], database: "mysql", table: "proc" },
        { privileges: ["SELECT", "SHOW VIEW", "TRIGGER", "EVENT"], database: "my_shop" },
        { privileges: ["SELECT", "INSERT"], database: "later", table: "orders" },
        { privileges: ["ALL PRIVILEGES"], database: "audit_sync" },
      ]),
      account("beat_a", []),
    ]);

    expect(report).to.deep.equal({ accounts: ["sync_a", "beat_a"], revoked: [], refused: [] });
    expect(await grantsOf("sync_a")).to.have.members([
      "PROCESS ON *.*",
      "SELECT, SHOW VIEW, EVENT, TRIGGER ON `my\\_shop`.*",
      "ALL PRIVILEGES ON `audit\\_sync`.*",
      "SELECT ON `mysql`.`proc`",
      "SELECT, INSERT ON `later`.`orders`",
    ]);
    expect(await grantsOf("beat_a")).to.deep.equal(["USAGE ON *.*"]);
  });

  it("changes nothing when it runs again", async () => {
    const accounts = [
      account("sync_b", [
        { privileges: ["SELECT"], database: "my_shop" },
        { privileges: ["SELECT"], database: "later", table: "orders" },
        { privileges: ["ALL PRIVILEGES"], database: "audit_sync" },
      ]),
    ];
    await prepareUsers(session, accounts);
    const before = await grantsOf("sync_b");

    const report = await prepareUsers(session, accounts);

    expect(report.revoked).to.deep.equal([]);
    expect(await grantsOf("sync_b")).to.deep.equal(before);
  });

  it("takes back what an earlier deployment granted at every level, and nothing of an account with a similar name", async () => {
    await session.run("CREATE USER 'SYNC_C'@'%'", "setting up");
    await session.run("GRANT SELECT ON `other`.* TO 'SYNC_C'@'%'", "setting up");
    await prepareUsers(session, [
      account("sync_c", [
        { privileges: ["PROCESS"] },
        { privileges: ["SELECT", "EVENT"], database: "my_shop" },
        { privileges: ["SELECT", "DELETE"], database: "later", table: "orders" },
      ]),
    ]);

    const report = await prepareUsers(session, [account("sync_c", [{ privileges: ["SELECT"], database: "my_shop" }])]);

    expect(report.revoked).to.have.members([
      "REVOKE PROCESS ON *.* FROM 'sync_c'@'%'",
      "REVOKE EVENT ON `my\\_shop`.* FROM 'sync_c'@'%'",
      "REVOKE SELECT, DELETE ON `later`.`orders` FROM 'sync_c'@'%'",
    ]);
    expect(await grantsOf("sync_c")).to.have.members(["USAGE ON *.*", "SELECT ON `my\\_shop`.*"]);
    expect(await grantsOf("SYNC_C")).to.include("SELECT ON `other`.*");
  });

  it("does without an optional grant that the administrator does not hold, and says so", async () => {
    await session.run("CREATE USER admin@'%' IDENTIFIED BY 'x'", "setting up");
    await session.run("GRANT CREATE USER, SELECT ON *.* TO admin@'%' WITH GRANT OPTION", "setting up");
    const admin = await Session.open(
      "database",
      { host: "127.0.0.1", port: server.port, user: "admin", password: "x" },
      [],
    );

    try {
      const optional: Grant = { privileges: ["PROCESS"], optional: true };
      const report = await prepareUsers(admin, [
        account("sync_d", [optional, { privileges: ["SELECT"], database: "my_shop" }]),
      ]);

      expect(report.refused).to.deep.equal(["GRANT PROCESS ON *.* TO 'sync_d'@'%'"]);
      expect(await grantsOf("sync_d")).to.include("SELECT ON `my\\_shop`.*");
      const failure = await failureOf(prepareUsers(admin, [account("sync_d", [{ privileges: ["PROCESS"] }])]));
      expect(failure).to.be.instanceOf(SyncError).with.property("code", "GRANT_MISSING");
    } finally {
      await admin.close();
    }
  });

  it("gives an existing account the way to log in that was asked for", async () => {
    await session.run("CREATE USER sync_e@'%' IDENTIFIED BY 'old'", "setting up");

    await prepareUsers(session, [account("sync_e", [])]);

    const [row] = await session.rows("SHOW CREATE USER sync_e@'%'", "asserting");
    expect(row?.[0]?.toString()).to.match(/REQUIRE SSL$/);
  });

  async function grantsOf(user: string): Promise<readonly string[]> {
    const rows = await session.rows(`SHOW GRANTS FOR '${user}'@'%'`, "asserting");
    return rows.map((row) => /^GRANT (.*) TO /.exec(row[0]?.toString() ?? "")?.[1] ?? "");
  }
});

/** With a password, because the plugin for tokens exists on RDS only. */
function account(name: string, grants: readonly Grant[]): Account {
  return { name, identification: { type: "password", password: "secret" }, grants };
}

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error("nothing failed");
}
