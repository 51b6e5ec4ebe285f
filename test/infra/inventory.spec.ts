import { expect } from "chai";
import { inventory } from "./select";
import { deployed, deploymentTimeoutMs, type VariantName } from "./variants";

/** `<type> <name>` of everything that a stack consists of, by what it is there for. */
const always = [
  "Dashboard monitoring-dashboard",
  "DatabaseUsers users",
  "Monitoring monitoring",
  "Network network",
  "SecurityGroup network-functions",
  "Topic monitoring-topic",
  "TopicPolicy monitoring-topic-policy",
  "aws aws",
];
const newVpc = ["Vpc network-vpc"];
const secretsEgress = ["SecurityGroupEgressRule network-to-secrets"];
const secretsEndpoint = [
  "SecurityGroup network-secrets",
  "SecurityGroupIngressRule network-secrets-from-functions",
  "VpcEndpoint network-secrets-endpoint",
];
const source = ["SecurityGroupEgressRule source-from-functions-out", "SourceCluster source"];
const newSource = [
  "AuditParameterGroup source-audit",
  "Invocation users-source",
  "LogGroup source-audit-log",
  "SecurityGroup source-access",
  "SecurityGroupIngressRule source-from-functions",
  "SubnetGroup source-subnets",
];
const auroraSource = [
  "Cluster source-cluster",
  "ClusterInstance source-writer",
  "ClusterParameterGroup source-audit-parameters",
];
const rdsSource = [
  "Instance source-instance",
  "OptionGroup source-audit-options",
  "ParameterGroup source-audit-parameters",
];
const usersFunction = [
  "Function users-function",
  "LogGroup users-log",
  "Role users-role",
  "RolePolicy users-code-policy",
  "RolePolicy users-policy",
];
const stream = [
  "AuditStream audit",
  "LogDestinationRole audit-destination",
  "LogSubscriptionFilter audit-filter",
  "MetricAlarm monitoring-delivery-errors",
  "MetricAlarm monitoring-delivery-throttling",
  "MetricAlarm monitoring-stream-throttling",
  "Role audit-destination-role",
  "RolePolicy audit-destination-policy",
  "Stream audit-stream",
];
const ownKey = ["Alias encryption-alias", "EncryptionKey encryption", "Key encryption-key"];
const subscriber = "TopicSubscription monitoring-to-database-oncall@example.com";

const target = (name: string): readonly string[] => [
  `Bucket ${name}-failures-bucket`,
  `BucketLifecycleConfiguration ${name}-failures-lifecycle`,
  `BucketOwnershipControls ${name}-failures-ownership`,
  `BucketPolicy ${name}-failures-policy`,
  `BucketPublicAccessBlock ${name}-failures-public-access`,
  `BucketServerSideEncryptionConfiguration ${name}-failures-encryption`,
  `FailureDestination ${name}-failures`,
  `Function ${name}-function`,
  `FunctionEventInvokeConfig ${name}-invocations`,
  `FunctionSchedules ${name}-schedules`,
  `LogGroup ${name}-log`,
  `MetricAlarm monitoring-${name}-dead`,
  `MetricAlarm monitoring-${name}-drift`,
  `MetricAlarm monitoring-${name}-errors`,
  `MetricAlarm monitoring-${name}-failed-records`,
  `MetricAlarm monitoring-${name}-failure-bucket`,
  `MetricAlarm monitoring-${name}-heartbeat`,
  `MetricAlarm monitoring-${name}-lag`,
  `MetricAlarm monitoring-${name}-lost-records`,
  `MetricAlarm monitoring-${name}-pending`,
  `MetricAlarm monitoring-${name}-stopped-routes`,
  `MetricAlarm monitoring-${name}-throttles`,
  `Role ${name}-role`,
  `Role ${name}-schedules-role`,
  `RolePolicy ${name}-code-policy`,
  `RolePolicy ${name}-policy`,
  `RolePolicy ${name}-schedules-policy`,
  `Schedule ${name}-schedules-tick`,
  `Schedule ${name}-schedules-verify`,
  `ScheduleGroup ${name}-schedules-group`,
  `SecurityGroupEgressRule ${name}-database-from-functions-out`,
  `SyncFunction ${name}`,
  `TargetDatabase ${name}-database`,
];
const byStream = (name: string): readonly string[] => [
  `EventSourceMapping ${name}-mapping`,
  `MetricAlarm monitoring-${name}-iterator-age`,
];
const direct = (name: string): readonly string[] => [
  `LogSubscriptionFilter ${name}-filter`,
  `MetricAlarm monitoring-${name}-delivery-errors`,
  `MetricAlarm monitoring-${name}-delivery-throttling`,
  `Permission ${name}-permission`,
];
const newDatabase = (name: string): readonly string[] => [
  `Invocation users-${name}`,
  `SecurityGroup ${name}-database-access`,
  `SecurityGroupIngressRule ${name}-database-from-functions`,
  `SubnetGroup ${name}-database-subnets`,
];
const rdsDatabase = (name: string): readonly string[] => [
  ...newDatabase(name),
  `Instance ${name}-database-instance`,
  `ParameterGroup ${name}-database-parameters`,
];
const auroraDatabase = (name: string): readonly string[] => [
  ...newDatabase(name),
  `Cluster ${name}-database-cluster`,
  `ClusterInstance ${name}-database-writer`,
  `ClusterParameterGroup ${name}-database-parameters`,
];

const bothTargets = [...target("crm"), ...target("warehouse")];
const bothByStream = [...byStream("crm"), ...byStream("warehouse")];
const bothDatabases = [...rdsDatabase("crm"), ...rdsDatabase("warehouse")];
const newNetwork = [...newVpc, ...secretsEgress, ...secretsEndpoint];
const newAurora = [...source, ...newSource, ...auroraSource];
const newRds = [...source, ...newSource, ...rdsSource];

const expected: Readonly<Record<VariantName, readonly (string | readonly string[])[]>> = {
  dev: [always, newNetwork, newAurora, usersFunction, stream, bothTargets, bothByStream, bothDatabases],
  prod: [
    ...[always, newNetwork, newAurora, usersFunction, stream, bothTargets, bothByStream, bothDatabases],
    ...[ownKey, subscriber, "ClusterInstance source-reader"],
  ],
  "existing VPC": [
    ...[always, secretsEgress, newAurora, usersFunction, stream, bothTargets, bothByStream, bothDatabases],
  ],
  "existing cluster": [
    ...[always, newVpc, source, stream, ownKey, subscriber],
    ...[target("crm"), target("search"), byStream("crm"), byStream("search")],
  ],
  "RDS MySQL": [always, newNetwork, newRds, usersFunction, stream, bothTargets, bothByStream, bothDatabases],
  "RDS MariaDB": [
    ...[always, newNetwork, newRds, usersFunction, stream, bothTargets, bothByStream, bothDatabases],
    ...[ownKey, subscriber],
  ],
  "direct delivery": [
    ...[always, newNetwork, newAurora, usersFunction, bothTargets, bothDatabases],
    ...[direct("crm"), direct("warehouse")],
  ],
  "one target": [
    ...[always, newNetwork, newAurora, usersFunction, stream],
    ...[target("crm"), byStream("crm"), auroraDatabase("crm")],
  ],
  "imported secrets": [always, newNetwork, source, stream, target("crm"), byStream("crm")],
};

describe("the resources of a stack", function () {
  this.timeout(deploymentTimeoutMs);

  for (const [name, parts] of Object.entries(expected)) {
    it(`are exactly these: ${name}`, async () => {
      expect(inventory(await deployed(name as VariantName))).to.deep.equal(parts.flat().sort());
    });
  }
});
