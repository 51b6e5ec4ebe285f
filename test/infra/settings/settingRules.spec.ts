import { expect } from "chai";
import { secretArn } from "../mockedAws";
import { load, problem, refusal } from "./load";

const routes = [{ source: "shop.orders" }];
const mysql = { engine: "mysql" };
const target = (name: string, database: object = mysql): object => ({ name, database, routes });
const twoSubnets = ["subnet-00000001", "subnet-00000002"];

describe("the name of the stack", () => {
  const rule =
    "must be lower-case letters, digits and single hyphens, and short enough for RDS to name a cluster after it";

  it("is refused when RDS could not name a cluster after it", async () => {
    for (const stack of ["Dev", "feature_1", "dev-", `a${"b".repeat(60)}`]) {
      expect(await refusal({}, { stack })).to.equal(problem("stack", stack, rule, "pulumi stack init dev"));
    }
  });
});

describe("the network's settings", () => {
  it("refuse an existing VPC with one subnet, or the same one twice", async () => {
    const rule = "must name at least two private subnets, in different zones, of the VPC that vpcId names";
    const fix = "pulumi config set --path 'subnetIds[0]' subnet-0a1b2c3d4e5f60718";

    for (const subnetIds of [["subnet-00000001"], ["subnet-00000001", "subnet-00000001"]]) {
      const message = await refusal({ vpcId: "vpc-00000001", subnetIds });
      expect(message).to.equal(problem("subnetIds", JSON.stringify(subnetIds), rule, fix));
    }
  });

  it("refuse subnets without their VPC", async () => {
    expect(await refusal({ subnetIds: twoSubnets })).to.equal(
      problem(
        "vpcId",
        undefined,
        "must name the VPC that the subnets of subnetIds belong to",
        "pulumi config set vpcId vpc-0a1b2c3d4e5f60718",
      ),
    );
  });

  it("refuse the endpoint of a VPC that is still to be made", async () => {
    expect(await refusal({ secretsEndpointSecurityGroup: "sg-00000001" })).to.equal(
      problem(
        "secretsEndpointSecurityGroup",
        "sg-00000001",
        "must be empty without vpcId: a new VPC has no endpoint yet",
        "pulumi config rm secretsEndpointSecurityGroup",
      ),
    );
  });
});

describe("the source's settings", () => {
  it("refuse a secret for a source of the stack's own", async () => {
    const rule = "must be empty without sourceIdentifier: the users of a source of this stack's own log in with tokens";
    const fix = "pulumi config rm sourceSecretArn && pulumi config rm heartbeatSecretArn";

    expect(await refusal({ sourceSecretArn: secretArn("sync") })).to.equal(
      problem("sourceSecretArn", secretArn("sync"), rule, fix),
    );
    expect(await refusal({ heartbeatSecretArn: secretArn("beat") })).to.equal(
      problem("heartbeatSecretArn", secretArn("beat"), rule, fix),
    );
  });

  it("refuse one user with a secret and one without", async () => {
    const rule = "must be set with its companion: both users of the source log in the same way";
    const fix = (key: string): string =>
      `pulumi config set ${key} arn:aws:secretsmanager:eu-central-1:123456789012:secret:${key}-AbCdEf`;

    expect(await refusal({ sourceIdentifier: "shop", sourceSecretArn: secretArn("sync") })).to.equal(
      problem("heartbeatSecretArn", undefined, rule, fix("heartbeatSecretArn")),
    );
    expect(await refusal({ sourceIdentifier: "shop", heartbeatSecretArn: secretArn("beat") })).to.equal(
      problem("sourceSecretArn", undefined, rule, fix("sourceSecretArn")),
    );
  });

  it("refuse a version of another engine", async () => {
    expect(await refusal({ sourceEngine: "mysql", sourceVersion: "8.0.mysql_aurora.3.10.3" })).to.equal(
      problem(
        "sourceVersion",
        "8.0.mysql_aurora.3.10.3",
        "must be a version of mysql such as 8.4",
        "pulumi config set --path 'sourceVersion' 8.4",
      ),
    );
  });

  it("refuse serverless RDS", async () => {
    expect(await refusal({ sourceEngine: "mariadb", sourceInstanceClass: "db.serverless" })).to.equal(
      problem(
        "sourceInstanceClass",
        "db.serverless",
        "must be an instance class; only aurora-mysql can be serverless",
        "pulumi config set --path 'sourceInstanceClass' db.t4g.small",
      ),
    );
  });

  it("refuse a capacity that ends before it begins", async () => {
    expect(await refusal({ sourceCapacity: "8-4" })).to.equal(
      problem(
        "sourceCapacity",
        "8-4",
        "must go from at least 0.5 to at most 256 capacity units, the smaller one first",
        "pulumi config set --path 'sourceCapacity' 0.5-4",
      ),
    );
  });

  it("refuse server parameters of an unknown shape", async () => {
    expect(await refusal({ sourceParameters: [{ name: "max_connections", value: 500 }] })).to.equal(
      problem(
        "sourceParameters",
        '[{"name":"max_connections","value":500}]',
        "must be a list of { name, value, static }, name and value as text in quotes",
        "pulumi config set --path 'sourceParameters[0].name' max_connections",
      ),
    );
  });

  it("refuse server parameters that the audit log stands on", async () => {
    for (const name of ["server_audit_logging", "require_secure_transport", "max connections"]) {
      expect(await refusal({ sourceParameters: [{ name, value: "0" }] })).to.equal(
        problem(
          "sourceParameters",
          name,
          "must name a server parameter that this program does not set itself",
          "pulumi config set --path 'sourceParameters[0].name' max_connections",
        ),
      );
    }
  });
});

describe("the users' settings", () => {
  it("refuse one user for the sync and the heartbeat", async () => {
    expect(await refusal({ syncUser: "sync", heartbeatUser: "sync" })).to.equal(
      problem(
        "heartbeatUser",
        "sync",
        "must differ from syncUser, whose statements are not in the log",
        "pulumi config set heartbeatUser audit_sync_heartbeat",
      ),
    );
  });

  it("refuse included and excluded users together", async () => {
    expect(await refusal({ auditedUsers: ["app"], excludedUsers: ["reporting"] })).to.equal(
      problem(
        "excludedUsers",
        '["reporting"]',
        "must be empty when auditedUsers is set: the audit log takes one list or the other",
        "pulumi config rm excludedUsers",
      ),
    );
  });

  it("refuse to follow the sync itself", async () => {
    expect(await refusal({ auditedUsers: ["app", "audit_sync"] })).to.equal(
      problem(
        "auditedUsers",
        '["app","audit_sync"]',
        "must not name syncUser: the sync would follow its own writes",
        "pulumi config rm auditedUsers",
      ),
    );
  });

  it("refuse to silence the heartbeat", async () => {
    expect(await refusal({ excludedUsers: ["audit_sync_heartbeat"] })).to.equal(
      problem(
        "excludedUsers",
        '["audit_sync_heartbeat"]',
        "must not name heartbeatUser: its marker has to come back through the log",
        "pulumi config rm excludedUsers",
      ),
    );
  });

  it("refuse more users than the audit log takes", async () => {
    const users = Array.from({ length: 40 }, (_, index) => `application_number_${String(index).padStart(10, "0")}`);

    expect(await refusal({ excludedUsers: users })).to.equal(
      problem(
        "excludedUsers",
        JSON.stringify(users),
        "must fit into 1024 characters together with the users of the sync",
        "pulumi config rm excludedUsers",
      ),
    );
  });
});

describe("the delivery's settings", () => {
  it("refuse records that outlive the stream", async () => {
    expect(await refusal({ streamRetentionHours: 24, recordAgeSeconds: 86400 })).to.equal(
      problem(
        "recordAgeSeconds",
        "86400",
        "must be at most 82800, an hour less than streamRetentionHours, or records leave the stream unseen",
        "pulumi config set recordAgeSeconds 82800",
      ),
    );
  });

  it("let records grow old without a stream", async () => {
    expect((await load({ delivery: "direct", recordAgeSeconds: 604800 })).flat.recordAgeSeconds).to.equal(604800);
  });

  it("refuse more direct targets than a log group has subscriptions", async () => {
    const targets = ["crm", "search", "warehouse"].map((name) => target(name));

    expect(await refusal({ delivery: "direct", targets })).to.equal(
      problem(
        "delivery",
        "direct",
        "must be stream for more than 2 targets: a log group takes no more subscriptions",
        "pulumi config set delivery stream",
      ),
    );
  });

  it("refuse a concurrency that leaves no room for the tick", async () => {
    for (const functionConcurrency of [0, 1]) {
      expect(await refusal({ functionConcurrency })).to.equal(
        problem(
          "functionConcurrency",
          String(functionConcurrency),
          "must be -1 (none reserved) or at least 2: the scheduled tick runs beside the records",
          "pulumi config set functionConcurrency 2",
        ),
      );
    }
  });
});

describe("the alarms' settings", () => {
  it("refuse a subscriber that is named twice", async () => {
    expect(await refusal({ alarmSubscribers: ["a@example.com", "a@example.com"] })).to.equal(
      problem(
        "alarmSubscribers",
        '["a@example.com","a@example.com"]',
        "must name every subscriber once",
        "pulumi config rm --path 'alarmSubscribers[1]'",
      ),
    );
  });
});

describe("the name of a target", () => {
  const fix = "pulumi config set --path 'targets[0].name' crm";

  it("is refused when it is the source's", async () => {
    const rule = "must not be source, which is what the stack calls the other side";

    expect(await refusal({ targets: [target("source")] })).to.equal(problem("targets[0].name", "source", rule, fix));
  });

  it("is refused when its alarms would be called like the subscription's", async () => {
    const rule = "must not end with delivery: its alarms would have the names of the subscription's";

    for (const name of ["delivery", "crm-delivery"]) {
      expect(await refusal({ targets: [target(name)] })).to.equal(problem("targets[0].name", name, rule, fix));
    }
  });

  it("is refused when RDS could not name a database after it", async () => {
    const rule = "must have single hyphens, none of them at the end: RDS names a database of this stack's own after it";

    for (const name of ["crm-", "crm--eu"]) {
      expect(await refusal({ targets: [target(name)] })).to.equal(problem("targets[0].name", name, rule, fix));
    }
  });

  it("is free to have such hyphens where no database is made", async () => {
    const { targets } = await load({ targets: [target("crm--eu", { engine: "mysql", identifier: "crm-eu" })] });

    expect(targets.map(({ name }) => name)).to.deep.equal(["crm--eu"]);
  });
});
