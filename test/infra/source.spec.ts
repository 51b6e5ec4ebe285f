import { expect } from "chai";
import { inputs, resource } from "./select";
import { deployed, deploymentTimeoutMs } from "./variants";

const key = "arn:aws:kms:us-east-1:123456789012:key/encryption-key";
const immediate = { applyMethod: "immediate" };
const requireTls = { ...immediate, name: "require_secure_transport" };

const everyServer = {
  backupRetentionPeriod: 1,
  copyTagsToSnapshot: true,
  deletionProtection: false,
  iamDatabaseAuthenticationEnabled: true,
  manageMasterUserPassword: true,
  port: 3306,
  skipFinalSnapshot: true,
  storageEncrypted: true,
  applyImmediately: true,
};

const aurora = {
  ...everyServer,
  clusterIdentifier: "audit-sync-dev-source",
  engine: "aurora-mysql",
  engineMode: "provisioned",
  engineVersion: "8.0.mysql_aurora.3.10.3",
  dbClusterParameterGroupName: "source-audit-parameters",
  dbSubnetGroupName: "source-subnets",
  vpcSecurityGroupIds: ["source-access-id"],
  masterUsername: "admin",
  enabledCloudwatchLogsExports: ["audit"],
};

const protectedServer = {
  applyImmediately: false,
  backupRetentionPeriod: 35,
  deletionProtection: true,
  skipFinalSnapshot: false,
  kmsKeyId: key,
  masterUserSecretKmsKeyId: key,
};

const rds = {
  ...everyServer,
  identifier: "audit-sync-dev-source",
  engine: "mysql",
  engineVersion: "8.4",
  instanceClass: "db.t4g.small",
  allocatedStorage: 50,
  maxAllocatedStorage: 200,
  storageType: "gp3",
  multiAz: false,
  optionGroupName: "source-audit-options",
  parameterGroupName: "source-audit-parameters",
  dbSubnetGroupName: "source-subnets",
  vpcSecurityGroupIds: ["source-access-id"],
  publiclyAccessible: false,
  username: "admin",
  autoMinorVersionUpgrade: true,
  enabledCloudwatchLogsExports: ["audit"],
};

describe("an Aurora source of the stack's own", function () {
  this.timeout(deploymentTimeoutMs);

  it("is small, encrypted and easy to delete in dev", async () => {
    const dev = await deployed("dev");

    expect(inputs(dev, "Cluster", "source-cluster")).to.deep.equal({
      ...aurora,
      serverlessv2ScalingConfiguration: { minCapacity: 0.5, maxCapacity: 2 },
    });
    expect(inputs(dev, "ClusterInstance", "source-writer")).to.deep.equal({
      applyImmediately: true,
      autoMinorVersionUpgrade: false,
      clusterIdentifier: "source-cluster-id",
      engine: "aurora-mysql",
      engineVersion: "8.0.mysql_aurora.3.10.3",
      instanceClass: "db.serverless",
      publiclyAccessible: false,
    });
  });

  it("has two instances, its own key and a final snapshot in prod", async () => {
    const prod = await deployed("prod");

    expect(inputs(prod, "Cluster", "source-cluster")).to.deep.equal({
      ...aurora,
      ...protectedServer,
      clusterIdentifier: "audit-sync-prod-source",
      finalSnapshotIdentifier: "audit-sync-prod-source-final",
    });
    for (const role of ["writer", "reader"]) {
      expect(inputs(prod, "ClusterInstance", `source-${role}`)["instanceClass"]).to.equal("db.r7g.large");
    }
  });

  it("logs every statement and every table written, but the sync's own and rdsadmin's, without a reboot", async () => {
    expect(inputs(await deployed("dev"), "ClusterParameterGroup", "source-audit-parameters")).to.deep.equal({
      description: "Managed by Pulumi",
      family: "aurora-mysql8.0",
      parameters: [
        { ...requireTls, value: "ON" },
        { ...immediate, name: "server_audit_logging", value: "1" },
        { ...immediate, name: "server_audit_events", value: "QUERY,TABLE" },
        { ...immediate, name: "server_audit_excl_users", value: "audit_sync,rdsadmin" },
      ],
    });
  });

  it("finds its log group made, with an end and a key", async () => {
    const dev = await deployed("dev");
    const prod = await deployed("prod");

    expect(inputs(dev, "LogGroup", "source-audit-log")).to.deep.equal({
      name: "/aws/rds/cluster/audit-sync-dev-source/audit",
      retentionInDays: 3,
    });
    expect(inputs(prod, "LogGroup", "source-audit-log")).to.deep.equal({
      name: "/aws/rds/cluster/audit-sync-prod-source/audit",
      retentionInDays: 30,
      kmsKeyId: key,
    });
    expect(resource(dev, "Cluster", "source-cluster").dependsOn).to.include(
      "aws:cloudwatch/logGroup:LogGroup source-audit-log",
    );
  });
});

describe("an RDS source of the stack's own", function () {
  this.timeout(deploymentTimeoutMs);

  it("runs MySQL with the audit plugin of its option group", async () => {
    const deployment = await deployed("RDS MySQL");

    expect(inputs(deployment, "Instance", "source-instance")).to.deep.equal(rds);
    expect(inputs(deployment, "ParameterGroup", "source-audit-parameters")).to.deep.equal({
      description: "Managed by Pulumi",
      family: "mysql8.4",
      parameters: [{ ...requireTls, value: "1" }],
    });
    expect(inputs(deployment, "OptionGroup", "source-audit-options")).to.deep.equal({
      engineName: "mysql",
      majorEngineVersion: "8.4",
      optionGroupDescription: "Audit log of the source",
      options: [
        {
          optionName: "MARIADB_AUDIT_PLUGIN",
          optionSettings: [
            { name: "SERVER_AUDIT_EVENTS", value: "QUERY" },
            { name: "SERVER_AUDIT_EXCL_USERS", value: "audit_sync,rdsadmin" },
            { name: "SERVER_AUDIT_QUERY_LOG_LIMIT", value: "245760" },
            { name: "SERVER_AUDIT_FILE_ROTATE_SIZE", value: "100000000" },
            { name: "SERVER_AUDIT_FILE_ROTATIONS", value: "9" },
          ],
        },
      ],
    });
    expect(inputs(deployment, "LogGroup", "source-audit-log")["name"]).to.equal(
      "/aws/rds/instance/audit-sync-dev-source/audit",
    );
  });

  it("runs MariaDB, protected, with parameters of the configuration and the users to follow", async () => {
    const deployment = await deployed("RDS MariaDB");

    expect(inputs(deployment, "Instance", "source-instance")).to.deep.equal({
      ...rds,
      ...protectedServer,
      identifier: "audit-sync-prod-source",
      finalSnapshotIdentifier: "audit-sync-prod-source-final",
      engine: "mariadb",
      engineVersion: "10.11",
      multiAz: true,
    });
    expect(inputs(deployment, "ParameterGroup", "source-audit-parameters")).to.deep.equal({
      description: "Managed by Pulumi",
      family: "mariadb10.11",
      parameters: [
        { ...requireTls, value: "1" },
        { ...immediate, name: "max_connections", value: "500" },
      ],
    });
    expect(inputs(deployment, "OptionGroup", "source-audit-options")).to.deep.include({
      engineName: "mariadb",
      majorEngineVersion: "10.11",
      options: [
        {
          optionName: "MARIADB_AUDIT_PLUGIN",
          optionSettings: [
            { name: "SERVER_AUDIT_EVENTS", value: "QUERY,TABLE" },
            { name: "SERVER_AUDIT_INCL_USERS", value: "app,batch,audit_sync_heartbeat" },
            { name: "SERVER_AUDIT_QUERY_LOG_LIMIT", value: "245760" },
            { name: "SERVER_AUDIT_FILE_ROTATE_SIZE", value: "100000000" },
            { name: "SERVER_AUDIT_FILE_ROTATIONS", value: "9" },
          ],
        },
      ],
    });
  });
});

describe("an existing source", function () {
  this.timeout(deploymentTimeoutMs);

  it("is looked up, and so are existing targets; nothing else is asked", async () => {
    const { calls } = await deployed("existing cluster");

    expect(calls.map(({ token, inputs: given }) => [token, given])).to.have.deep.members([
      ["aws:index/getCallerIdentity:getCallerIdentity", {}],
      ["aws:rds/getCluster:getCluster", { clusterIdentifier: "shop-production" }],
      ["aws:rds/getInstance:getInstance", { dbInstanceIdentifier: "crm-production" }],
    ]);
  });

  it("has its own log group subscribed", async () => {
    const filter = inputs(await deployed("existing cluster"), "LogSubscriptionFilter", "audit-filter");

    expect(filter["logGroup"]).to.equal("/aws/rds/cluster/shop-production/audit");
  });

  it("is reached at its own port, through the first of its security groups whichever AWS names first", async () => {
    const rule = inputs(await deployed("existing cluster"), "SecurityGroupEgressRule", "source-from-functions-out");

    expect(rule).to.deep.equal({
      securityGroupId: "network-functions-id",
      referencedSecurityGroupId: "sg-0000000000000000a",
      ipProtocol: "tcp",
      fromPort: 3307,
      toPort: 3307,
      description: "To source",
    });
  });
});
