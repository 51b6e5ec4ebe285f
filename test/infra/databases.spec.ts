import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { parseRequest } from "../../handler/users/plan";
import { inputs, resource } from "./select";
import { deployed, deploymentTimeoutMs, type VariantName } from "./variants";

/** The stack's output as the CLI shows it. */
async function output(stack: VariantName, name: string): Promise<unknown> {
  const { result } = await deployed(stack);
  return await new Promise((resolve) => {
    pulumi.all([result[name] as pulumi.Input<object>]).apply(([value]) => {
      resolve(value);
    });
  });
}

const target = {
  allocatedStorage: 20,
  applyImmediately: true,
  autoMinorVersionUpgrade: true,
  backupRetentionPeriod: 1,
  copyTagsToSnapshot: true,
  deletionProtection: false,
  enabledCloudwatchLogsExports: [],
  iamDatabaseAuthenticationEnabled: true,
  instanceClass: "db.t4g.micro",
  manageMasterUserPassword: true,
  maxAllocatedStorage: 80,
  multiAz: false,
  port: 3306,
  publiclyAccessible: false,
  skipFinalSnapshot: true,
  storageEncrypted: true,
  storageType: "gp3",
  username: "admin",
};

describe("a target database of the stack's own", function () {
  this.timeout(deploymentTimeoutMs);

  it("is a small encrypted instance in dev, without an audit log", async () => {
    const dev = await deployed("dev");

    expect(inputs(dev, "Instance", "crm-database-instance")).to.deep.equal({
      ...target,
      engine: "mysql",
      engineVersion: "8.4",
      parameterGroupName: "crm-database-parameters",
      dbSubnetGroupName: "crm-database-subnets",
      vpcSecurityGroupIds: ["crm-database-access-id"],
    });
    expect(inputs(dev, "Instance", "warehouse-database-instance")).to.deep.equal({
      ...target,
      engine: "mariadb",
      engineVersion: "10.11",
      parameterGroupName: "warehouse-database-parameters",
      dbSubnetGroupName: "warehouse-database-subnets",
      vpcSecurityGroupIds: ["warehouse-database-access-id"],
    });
    expect(inputs(dev, "ParameterGroup", "warehouse-database-parameters")).to.deep.equal({
      description: "Managed by Pulumi",
      family: "mariadb10.11",
      parameters: [{ name: "require_secure_transport", value: "1", applyMethod: "immediate" }],
    });
  });

  it("can be an Aurora cluster, which AWS names", async () => {
    const cluster = inputs(await deployed("one target"), "Cluster", "crm-database-cluster");

    expect(cluster).to.not.have.property("clusterIdentifier");
    expect(cluster).to.deep.include({
      engine: "aurora-mysql",
      engineVersion: "8.0.mysql_aurora.3.10.3",
      serverlessv2ScalingConfiguration: { minCapacity: 0.5, maxCapacity: 2 },
      enabledCloudwatchLogsExports: [],
    });
  });
});

describe("the users on databases of the stack's own", function () {
  this.timeout(deploymentTimeoutMs);

  it("are made with exactly the grants that they need, as the function that makes them reads it", async () => {
    const dev = await deployed("dev");
    const request = (name: string): unknown =>
      parseRequest(JSON.parse(inputs(dev, "Invocation", name)["input"] as string) as unknown);
    const secret = (name: string): string => `arn:aws:secretsmanager:us-east-1:123456789012:secret:rds!${name}-AbCdEf`;
    const rows = ["SELECT", "INSERT", "UPDATE", "DELETE"];

    expect(request("users-source")).to.deep.equal({
      host: "source-cluster.cluster.example",
      port: 3306,
      administratorSecretArn: secret("source-cluster"),
      accounts: [
        {
          name: "audit_sync",
          identification: { type: "iam" },
          grants: [
            { privileges: ["PROCESS", "SHOW_ROUTINE"] },
            { privileges: ["SELECT", "SHOW VIEW", "TRIGGER", "EVENT"], database: "shop" },
          ],
        },
        { name: "audit_sync_heartbeat", identification: { type: "iam" }, grants: [] },
      ],
    });
    expect(request("users-crm")).to.deep.equal({
      host: "crm-database-instance.instance.example",
      port: 3306,
      administratorSecretArn: secret("crm-database-instance"),
      accounts: [
        {
          name: "audit_sync",
          identification: { type: "iam" },
          grants: [
            { privileges: rows, database: "crm", table: "customers" },
            { privileges: rows, database: "crm", table: "order_status" },
            { privileges: ["ALL PRIVILEGES"], database: "audit_sync" },
          ],
        },
      ],
    });
  });

  it("are made once the server runs and the function may reach it and the administrator's secret", async () => {
    const { dependsOn } = resource(await deployed("dev"), "Invocation", "users-source");

    expect(dependsOn).to.include.members([
      "aws:rds/clusterInstance:ClusterInstance source-writer",
      "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule source-from-functions",
      "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule source-from-functions-out",
      "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule network-to-secrets",
      "aws:ec2/vpcEndpoint:VpcEndpoint network-secrets-endpoint",
    ]);
  });

  it("leave nothing for an owner to do", async () => {
    expect(await output("dev", "ownerSteps")).to.deep.equal({});
    expect(await output("dev", "databaseUsers")).to.deep.equal({});
  });
});

describe("what the owners of other databases do by hand", function () {
  this.timeout(deploymentTimeoutMs);

  const letIn = "Let the security group network-functions-id in at the database's port.";
  const runSql = (name: string): string =>
    `As the administrator run the SQL of: pulumi stack output databaseUsers --json | jq -r '.["${name}"]'`;
  const tokens = "Switch IAM database authentication on.";
  const switchOn = [
    "In the cluster parameter group of shop-production (a custom one; the default cannot be changed) set " +
      "server_audit_logging = 1; server_audit_events = QUERY,TABLE; server_audit_excl_users = audit_sync,rdsadmin. " +
      "No reboot is needed.",
    "aws rds modify-db-cluster --db-cluster-identifier shop-production --cloudwatch-logs-export-configuration EnableLogTypes=audit",
  ];

  it("is an output, step by step", async () => {
    expect(await output("existing cluster", "ownerSteps")).to.deep.equal({
      source: [...switchOn, letIn, tokens, runSql("source")],
      crm: [letIn, tokens, runSql("crm")],
      search: [letIn, tokens, runSql("search")],
    });
    expect(await output("imported secrets", "ownerSteps")).to.deep.equal({
      source: [...switchOn, letIn, runSql("source")],
      crm: [letIn, runSql("crm")],
    });
  });

  it("has the SQL of every user with it", async () => {
    const iam = "IDENTIFIED WITH AWSAuthenticationPlugin AS 'RDS' REQUIRE SSL";
    const account = (name: string): readonly string[] => [
      `CREATE USER IF NOT EXISTS '${name}'@'%' ${iam};`,
      `ALTER USER '${name}'@'%' ${iam};`,
    ];
    const script = (...lines: readonly string[]): string => `${lines.join("\n")}\n`;

    expect(await output("existing cluster", "databaseUsers")).to.deep.equal({
      source: script(
        ...account("audit_sync"),
        "GRANT PROCESS, SHOW_ROUTINE ON *.* TO 'audit_sync'@'%';",
        "GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON `shop`.* TO 'audit_sync'@'%';",
        ...account("audit_sync_heartbeat"),
      ),
      crm: script(
        ...account("audit_sync"),
        "GRANT SELECT, INSERT, UPDATE, DELETE, CREATE ON `crm`.`order_status` TO 'audit_sync'@'%';",
        "REVOKE CREATE ON `crm`.`order_status` FROM 'audit_sync'@'%';",
        "GRANT ALL PRIVILEGES ON `audit\\_sync`.* TO 'audit_sync'@'%';",
      ),
      search: script(
        ...account("audit_sync"),
        "GRANT SELECT, INSERT, UPDATE, DELETE ON `shop`.* TO 'audit_sync'@'%';",
        "GRANT ALL PRIVILEGES ON `audit\\_sync`.* TO 'audit_sync'@'%';",
      ),
    });
  });

  it("names the secret and never the password", async () => {
    const scripts = await output("imported secrets", "databaseUsers");

    expect(scripts).to.have.property("source").that.contains("IDENTIFIED BY '<the password in arn:aws:secretsmanager:");
  });
});

describe("the outputs of a stack", function () {
  this.timeout(deploymentTimeoutMs);

  it("name what the commands and the people look for", async () => {
    const names = ["functions", "failureBuckets", "sourceHost", "auditLogGroup", "stream", "alarmTopic", "dashboard"];
    const values = await Promise.all(names.map(async (name) => [name, await output("dev", name)] as const));

    expect(Object.fromEntries(values)).to.deep.equal({
      functions: { crm: "crm-function", warehouse: "warehouse-function" },
      failureBuckets: { crm: "crm-failures-bucket", warehouse: "warehouse-failures-bucket" },
      sourceHost: "source-cluster.cluster.example",
      auditLogGroup: "/aws/rds/cluster/audit-sync-dev-source/audit",
      stream: "audit-stream",
      alarmTopic: "arn:aws:sns:us-east-1:123456789012:monitoring-topic",
      dashboard:
        "https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#dashboards/dashboard/audit-sync-dev",
    });
  });
});
