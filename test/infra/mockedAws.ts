/** What AWS would answer: names and ARNs of new resources, and the look-ups that the program makes. */

type Values = Readonly<Record<string, unknown>>;

export const accountId = "123456789012";
export const region = "us-east-1";

/** In a preview AWS computes nothing yet; Pulumi makes everything unknown that is missing here. */
export function stateOf(
  type: string,
  name: string,
  inputs: Values,
  preview: boolean,
): { id: string | undefined; state: Values } {
  if (preview) return { id: undefined, state: inputs };
  return { id: `${name}-id`, state: { name, ...computed(type, name, inputs), ...inputs } };
}

function computed(type: string, name: string, inputs: Values): Values {
  const arn = (service: string, resource: string, place = `${region}:${accountId}`): { arn: string } => ({
    arn: `arn:aws:${service}:${place}:${resource}`,
  });
  switch (type) {
    case "awsx:ec2:Vpc":
      return {
        vpcId: "vpc-0123456789abcdef0",
        privateSubnetIds: ["subnet-0000000000000000a", "subnet-0000000000000000b"],
      };
    case "aws:cloudwatch/logGroup:LogGroup":
      return arn("logs", `log-group:${text(inputs["name"] ?? name)}`);
    case "aws:cloudwatch/metricAlarm:MetricAlarm":
      return arn("cloudwatch", `alarm:${text(inputs["name"] ?? name)}`);
    case "aws:iam/role:Role":
      return arn("iam", `role/${name}`, `:${accountId}`);
    case "aws:kinesis/stream:Stream":
      return arn("kinesis", `stream/${name}`);
    case "aws:kms/key:Key":
      return { ...arn("kms", `key/${name}`), keyId: name };
    case "aws:lambda/eventSourceMapping:EventSourceMapping":
      return { uuid: `${name}-uuid` };
    case "aws:lambda/function:Function":
      return arn("lambda", `function:${name}`);
    case "aws:rds/cluster:Cluster":
      return {
        endpoint: `${name}.cluster.example`,
        clusterResourceId: `cluster-${name}`,
        masterUserSecrets: [{ secretArn: secretArn(`rds!${name}`) }],
      };
    case "aws:rds/instance:Instance":
      return {
        address: `${name}.instance.example`,
        resourceId: `db-${name}`,
        masterUserSecrets: [{ secretArn: secretArn(`rds!${name}`) }],
      };
    case "aws:s3/bucket:Bucket":
      return { bucket: name, arn: `arn:aws:s3:::${name}` };
    case "aws:sns/topic:Topic":
      return arn("sns", name);
    default:
      return {};
  }
}

/** `undefined`: a call that the program is not expected to make. */
export function callResult(token: string, inputs: Values): Record<string, unknown> | undefined {
  switch (token) {
    case "aws:index/getCallerIdentity:getCallerIdentity":
      return { accountId };
    case "aws:rds/getCluster:getCluster":
      return {
        engine: "aurora-mysql",
        endpoint: `${text(inputs["clusterIdentifier"])}.cluster.example`,
        port: 3307,
        clusterResourceId: "cluster-EXISTING",
        vpcSecurityGroupIds: ["sg-0000000000000000b", "sg-0000000000000000a"],
      };
    case "aws:rds/getInstance:getInstance":
      return {
        engine: "mariadb",
        address: `${text(inputs["dbInstanceIdentifier"])}.instance.example`,
        port: 3306,
        resourceId: "db-EXISTING",
        vpcSecurityGroups: ["sg-0000000000000000c"],
      };
    default:
      return undefined;
  }
}

export function secretArn(name: string): string {
  return `arn:aws:secretsmanager:${region}:${accountId}:secret:${name}-AbCdEf`;
}

function text(value: unknown): string {
  if (typeof value !== "string") throw new Error(`expected text, found ${typeof value}`);
  return value;
}
