import { expect } from "chai";
import { secretArn } from "../mockedAws";
import type { Config } from "../stackFiles";
import { load, problem, refusal } from "./load";

const routes = [{ source: "shop.orders" }];

function withDatabase(database: unknown): Config {
  return { targets: [{ name: "crm", database, routes }] };
}

describe("the database of a target", () => {
  it("is refused when it is missing", async () => {
    expect(await refusal(withDatabase(undefined))).to.equal(
      problem(
        "targets[0].database",
        undefined,
        "must say where the target's tables live: an engine, with an identifier or a host if it exists already",
        "pulumi config set --path 'targets[0].database.engine' mysql",
      ),
    );
  });

  const fields: readonly (readonly [what: string, database: object, field: string, value: unknown, rule: string])[] = [
    [
      "runs another engine",
      { engine: "postgres" },
      "engine",
      "postgres",
      "must be one of aurora-mysql, mysql, mariadb",
    ],
    ["has a version that is a number", { engine: "mysql", version: 8.4 }, "version", 8.4, "must be text in quotes"],
    [
      "has an impossible class",
      { engine: "mysql", instanceClass: "micro" },
      "instanceClass",
      "micro",
      "must be an instance class",
    ],
    [
      "has an impossible capacity",
      { engine: "aurora-mysql", capacity: "4" },
      "capacity",
      "4",
      "must be <minimum>-<maximum> in capacity units",
    ],
    ["is too small", { engine: "mysql", storageGiB: 5 }, "storageGiB", 5, "must be at least 20"],
    ["is too large", { engine: "mysql", storageGiB: 20000 }, "storageGiB", 20000, "must be at most 16384"],
    ["has an uncertain standby", { engine: "mysql", multiAz: "yes" }, "multiAz", "yes", "must be true or false"],
    [
      "has an impossible identifier",
      { engine: "mysql", identifier: "crm_production" },
      "identifier",
      "crm_production",
      "must be the identifier of a cluster or an instance",
    ],
    [
      "has an address without a name",
      { engine: "mysql", host: "", cidr: "10.0.0.0/8", resourceId: "db-A1" },
      "host",
      "",
      "must not be empty",
    ],
    [
      "shows an unknown certificate",
      { engine: "mysql", host: "h", tls: "off", cidr: "10.0.0.0/8", resourceId: "db-A1" },
      "tls",
      "off",
      "must be rds or system",
    ],
    [
      "is reached in no range",
      { engine: "mysql", host: "h", cidr: "10.0.0.1/8", resourceId: "db-A1" },
      "cidr",
      "10.0.0.1/8",
      "must be an IPv4 range, written from its first address",
    ],
    [
      "is reached through no security group",
      { engine: "mysql", host: "h", securityGroup: "crm", resourceId: "db-A1" },
      "securityGroup",
      "crm",
      "must be the id of a security group",
    ],
    [
      "is named by its identifier where the resource id is asked for",
      { engine: "mysql", host: "h", cidr: "10.0.0.0/8", resourceId: "crm" },
      "resourceId",
      "crm",
      "must be a resource id such as db-ABCDEFGH1234",
    ],
    [
      "has a secret with a key that is none",
      { engine: "mysql", identifier: "crm", secretArn: secretArn("crm"), kmsKeyArn: "alias/crm" },
      "kmsKeyArn",
      "alias/crm",
      "must be the ARN of a KMS key",
    ],
  ];
  for (const [what, database, field, value, rule] of fields) {
    it(`is refused when it ${what}`, async () => {
      const key = `targets[0].database.${field}`;

      expect(await refusal(withDatabase(database))).to.equal(
        problem(key, JSON.stringify(value), rule, `pulumi config set --path '${key}' <value>`),
      );
    });
  }

  it("is refused without an engine", async () => {
    const message = await refusal(withDatabase({ identifier: "crm" }));

    expect(message).to.contain("  - audit-sync:targets[0].database.engine: must be there");
  });

  it("is refused when a secret stands where its ARN belongs, without printing it", async () => {
    const message = await refusal(withDatabase({ engine: "mysql", identifier: "crm", secretArn: "hunter2" }));

    expect(message).to.equal(
      problem(
        "targets[0].database.secretArn",
        undefined,
        "must be the ARN of a Secrets Manager secret, with its six-character suffix",
        "pulumi config set --path 'targets[0].database.secretArn' <value>",
      ),
    );
  });

  it("is refused when it has what nothing reads, without printing it", async () => {
    expect(await refusal(withDatabase({ engine: "mysql", password: "hunter2" }))).to.equal(
      problem(
        "targets[0].database.password",
        undefined,
        "must not be there; nothing reads it",
        "pulumi config rm --path 'targets[0].database.password'",
      ),
    );
  });

  it("is refused when its version belongs to another engine", async () => {
    expect(await refusal(withDatabase({ engine: "aurora-mysql", version: "8.4" }))).to.equal(
      problem(
        "targets[0].database.version",
        "8.4",
        "must be a version of aurora-mysql such as 8.0.mysql_aurora.3.10.3",
        "pulumi config set --path 'targets[0].database.version' 8.0.mysql_aurora.3.10.3",
      ),
    );
  });

  it("is refused when an address can be reached in no way or in two", async () => {
    const rule = "must have exactly one of securityGroup and cidr, so that the functions may reach it and nothing else";
    const expected = problem(
      "targets[0].database",
      undefined,
      rule,
      "pulumi config set --path 'targets[0].database.cidr' 10.20.0.0/16",
    );
    const address = { engine: "mysql", host: "h", resourceId: "db-A1" };

    expect(await refusal(withDatabase(address))).to.equal(expected);
    expect(await refusal(withDatabase({ ...address, cidr: "10.0.0.0/8", securityGroup: "sg-00000001" }))).to.equal(
      expected,
    );
  });

  it("is refused when there are no credentials for an address or two", async () => {
    const rule = "must have exactly one of resourceId (log in with a token) and secretArn (with a password)";
    const expected = problem(
      "targets[0].database",
      undefined,
      rule,
      "pulumi config set --path 'targets[0].database.resourceId' db-ABCDEFGHIJKL1234",
    );
    const address = { engine: "mysql", host: "h", cidr: "10.0.0.0/8" };

    expect(await refusal(withDatabase(address))).to.equal(expected);
    expect(await refusal(withDatabase({ ...address, resourceId: "db-A1", secretArn: secretArn("crm") }))).to.equal(
      expected,
    );
  });

  it("is read with the defaults of its kind", async () => {
    const own = await load(withDatabase({ engine: "mariadb" }));
    const existing = await load(withDatabase({ engine: "mysql", identifier: "crm", secretArn: secretArn("crm") }));
    const external = await load(withDatabase({ engine: "mysql", host: "h", cidr: "10.0.0.0/8", resourceId: "db-A1" }));

    expect([own, existing, external].map(({ targets }) => targets[0]?.database)).to.deep.equal([
      {
        kind: "owned",
        engine: "mariadb",
        version: "10.11",
        instanceClass: "db.t4g.small",
        capacity: { min: 0.5, max: 2 },
        storageGiB: 20,
        multiAz: false,
      },
      {
        kind: "existing",
        engine: "mysql",
        identifier: "crm",
        credentials: { type: "secret", secretArn: secretArn("crm") },
      },
      {
        kind: "external",
        engine: "mysql",
        host: "h",
        port: 3306,
        tls: "rds",
        reachedAt: { cidr: "10.0.0.0/8" },
        credentials: { type: "iam" },
        resourceId: "db-A1",
      },
    ]);
  });
});
