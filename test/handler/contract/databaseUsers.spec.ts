import { expect } from "chai";
import {
  accountStatements,
  grantStatements,
  isGranted,
  ownerScript,
  revokeStatement,
  sourceGrants,
  targetGrants,
} from "../../../handler/contract/databaseUsers";
import { parseTargets, type Route } from "../../../handler/contract/routes";

describe("databaseUsers", () => {
  describe("sourceGrants", () => {
    it("reads the routed databases once each, open transactions and routine bodies on Aurora", () => {
      expect(sourceGrants("aurora-mysql", routes("shop.orders", "shop.customers", "billing.*"))).to.deep.equal([
        { privileges: ["PROCESS", "SHOW_ROUTINE"] },
        { privileges: ["SELECT", "SHOW VIEW", "TRIGGER", "EVENT"], database: "shop" },
        { privileges: ["SELECT", "SHOW VIEW", "TRIGGER", "EVENT"], database: "billing" },
      ]);
    });

    it("keeps the privilege that RDS for MySQL may refuse apart from those that it must give", () => {
      expect(sourceGrants("mysql", routes("shop.orders"))).to.deep.equal([
        { privileges: ["PROCESS"] },
        { privileges: ["SHOW_ROUTINE"], optional: true },
        { privileges: ["SELECT", "SHOW VIEW", "TRIGGER", "EVENT"], database: "shop" },
      ]);
    });

    it("reads routine bodies from mysql.proc on MariaDB", () => {
      expect(sourceGrants("mariadb", routes("shop.orders"))).to.deep.equal([
        { privileges: ["PROCESS"] },
        { privileges: ["SELECT"], database: "mysql", table: "proc" },
        { privileges: ["SELECT", "SHOW VIEW", "TRIGGER", "EVENT"], database: "shop" },
      ]);
    });
  });

  describe("targetGrants", () => {
    it("writes exactly the routed tables and owns its own schema", () => {
      expect(targetGrants(routes("shop.orders"), "audit_sync")).to.deep.equal([
        { privileges: ["SELECT", "INSERT", "UPDATE", "DELETE"], database: "shop", table: "orders" },
        { privileges: ["ALL PRIVILEGES"], database: "audit_sync" },
      ]);
    });

    it("changes definitions only in the databases of routes that follow the schema", () => {
      const [target] = parseTargets([
        {
          name: "crm",
          routes: [{ source: "shop.*", followSchema: true }, { source: "billing.invoices" }],
        },
      ]);

      expect(targetGrants(target!.routes, "sync")).to.deep.equal([
        { privileges: ["SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "ALTER"], database: "shop" },
        { privileges: ["SELECT", "INSERT", "UPDATE", "DELETE"], database: "billing", table: "invoices" },
        { privileges: ["ALL PRIVILEGES"], database: "sync" },
      ]);
    });
  });

  describe("accountStatements", () => {
    it("creates an account that logs in with a token over TLS, and mends an existing one", () => {
      expect(accountStatements({ name: "audit_sync", identification: { type: "iam" }, grants: [] })).to.deep.equal([
        "CREATE USER IF NOT EXISTS 'audit_sync'@'%' IDENTIFIED WITH AWSAuthenticationPlugin AS 'RDS' REQUIRE SSL",
        "ALTER USER 'audit_sync'@'%' IDENTIFIED WITH AWSAuthenticationPlugin AS 'RDS' REQUIRE SSL",
      ]);
    });

    it("quotes a hostile name and password", () => {
      const [create] = accountStatements({
        name: "a'b\\",
        identification: { type: "password", password: "p'; DROP TABLE t; --\\" },
        grants: [],
      });

      expect(create).to.equal(
        "CREATE USER IF NOT EXISTS 'a\\'b\\\\'@'%' IDENTIFIED BY 'p\\'; DROP TABLE t; --\\\\' REQUIRE SSL",
      );
    });
  });

  describe("grantStatements", () => {
    it("escapes the wildcards in the name of a whole database", () => {
      expect(grantStatements("u", { privileges: ["SELECT"], database: "my_shop%\\" })).to.deep.equal([
        "GRANT SELECT ON `my\\_shop\\%\\\\`.* TO 'u'@'%'",
      ]);
    });

    it("takes wildcards literally where the server does", () => {
      expect(
        grantStatements("u", { privileges: ["SELECT"], database: "my_shop" }, { literalNames: true }),
      ).to.deep.equal(["GRANT SELECT ON `my_shop`.* TO 'u'@'%'"]);
    });

    it("grants on a table that may not exist yet, without leaving the right to create it", () => {
      expect(
        grantStatements("u", { privileges: ["SELECT", "INSERT"], database: "my_shop", table: "o`x" }),
      ).to.deep.equal([
        "GRANT SELECT, INSERT, CREATE ON `my_shop`.`o``x` TO 'u'@'%'",
        "REVOKE CREATE ON `my_shop`.`o``x` FROM 'u'@'%'",
      ]);
    });

    it("grants on everything", () => {
      expect(grantStatements("u", { privileges: ["PROCESS"] })).to.deep.equal(["GRANT PROCESS ON *.* TO 'u'@'%'"]);
    });
  });

  it("takes back at a level as the server lists it, without escaping it again", () => {
    expect(revokeStatement("u", { database: "my\\_shop" }, ["SELECT", "EVENT"])).to.equal(
      "REVOKE SELECT, EVENT ON `my\\_shop`.* FROM 'u'@'%'",
    );
  });

  describe("isGranted", () => {
    const grants = [
      { privileges: ["PROCESS"] },
      { privileges: ["SELECT"], database: "my_shop" },
      { privileges: ["INSERT"], database: "my_shop", table: "orders" },
      { privileges: ["ALL PRIVILEGES"], database: "audit_sync" },
    ];
    const cases: readonly [title: string, level: { database?: string; table?: string }, string, boolean][] = [
      ["a global privilege", {}, "PROCESS", true],
      ["another global privilege", {}, "SELECT", false],
      ["a database as its pattern is listed", { database: "my\\_shop" }, "SELECT", true],
      ["a wildcard that reaches further", { database: "my_shop" }, "SELECT", false],
      ["a table by its plain name", { database: "my_shop", table: "orders" }, "INSERT", true],
      ["another table", { database: "my_shop", table: "customers" }, "INSERT", false],
      ["the database's privilege at a table", { database: "my_shop", table: "orders" }, "SELECT", false],
      ["anything under ALL PRIVILEGES", { database: "audit\\_sync" }, "DROP", true],
    ];
    for (const [title, level, privilege, expected] of cases) {
      it(`says ${String(expected)} for ${title}`, () => {
        expect(isGranted(grants, level, privilege, {})).to.equal(expected);
      });
    }
  });

  it("prints the script that the owner of a database runs", () => {
    const script = ownerScript([
      { name: "audit_sync", identification: { type: "iam" }, grants: sourceGrants("mysql", routes("shop.orders")) },
      { name: "heartbeat", identification: { type: "iam" }, grants: [] },
    ]);

    expect(script.split("\n")).to.deep.equal([
      "CREATE USER IF NOT EXISTS 'audit_sync'@'%' IDENTIFIED WITH AWSAuthenticationPlugin AS 'RDS' REQUIRE SSL;",
      "ALTER USER 'audit_sync'@'%' IDENTIFIED WITH AWSAuthenticationPlugin AS 'RDS' REQUIRE SSL;",
      "GRANT PROCESS ON *.* TO 'audit_sync'@'%';",
      "GRANT SHOW_ROUTINE ON *.* TO 'audit_sync'@'%' /* leave it out when the server refuses it */;",
      "GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON `shop`.* TO 'audit_sync'@'%';",
      "CREATE USER IF NOT EXISTS 'heartbeat'@'%' IDENTIFIED WITH AWSAuthenticationPlugin AS 'RDS' REQUIRE SSL;",
      "ALTER USER 'heartbeat'@'%' IDENTIFIED WITH AWSAuthenticationPlugin AS 'RDS' REQUIRE SSL;",
      "",
    ]);
  });
});

function routes(...sources: readonly string[]): readonly Route[] {
  return parseTargets([{ name: "crm", routes: sources.map((source) => ({ source })) }])[0]!.routes;
}
