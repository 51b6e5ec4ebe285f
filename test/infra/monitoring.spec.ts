import { expect } from "chai";
import * as v from "valibot";
import { metricNames } from "../../handler/contract/metricNames";
import { inputs, ofType } from "./select";
import { deployed, deploymentTimeoutMs } from "./variants";

const topicArn = "arn:aws:sns:us-east-1:123456789012:monitoring-topic";

const dashboardSchema = v.object({
  widgets: v.array(
    v.object({
      type: v.string(),
      x: v.number(),
      y: v.number(),
      width: v.number(),
      height: v.number(),
      properties: v.looseObject({
        alarms: v.optional(v.array(v.string())),
        metrics: v.optional(v.array(v.array(v.unknown()))),
      }),
    }),
  ),
});

async function widgets(stack: "dev" | "direct delivery"): Promise<v.InferOutput<typeof dashboardSchema>["widgets"]> {
  const { dashboardBody } = inputs(await deployed(stack), "Dashboard", "monitoring-dashboard");
  return v.parse(v.pipe(v.string(), v.parseJson(), dashboardSchema), dashboardBody).widgets;
}

describe("the alarms", function () {
  this.timeout(deploymentTimeoutMs);

  it("tell the topic when they go off and when it is over", async () => {
    for (const { name, inputs: given } of ofType(await deployed("prod"), "MetricAlarm")) {
      expect(given["alarmActions"], name).to.deep.equal([topicArn]);
      expect(given["okActions"], name).to.deep.equal([topicArn]);
      expect(given["alarmDescription"], name).to.match(/ See docs\/runbook\.md\.$/);
      expect(given["name"], name).to.equal(`audit-sync-prod-${name.replace("monitoring-", "")}`);
    }
  });

  it("watch whether a target is in step by the metrics that the handler writes", async () => {
    const prod = await deployed("prod");
    const alarm = (name: string): unknown => {
      const given = inputs(prod, "MetricAlarm", `monitoring-crm-${name}`);
      const kept = [
        "metricName",
        "statistic",
        "extendedStatistic",
        "threshold",
        "treatMissingData",
        "datapointsToAlarm",
      ];
      expect(given["namespace"]).to.equal("AuditSync");
      expect(given["dimensions"]).to.deep.equal({ environment: "prod", target: "crm" });
      expect(given["comparisonOperator"]).to.equal("GreaterThanThreshold");
      return Object.fromEntries(Object.entries(given).filter(([key]) => kept.includes(key)));
    };
    const maximum = { statistic: "Maximum" };
    const anyAtAll = { ...maximum, threshold: 0, treatMissingData: "ignore" };

    expect(alarm("heartbeat")).to.deep.equal({
      ...{ ...maximum, metricName: metricNames.heartbeatAgeSeconds, threshold: 600 },
      ...{ treatMissingData: "breaching", datapointsToAlarm: 3 },
    });
    expect(alarm("lag")).to.deep.equal({
      ...{ extendedStatistic: "p99", metricName: metricNames.lag, threshold: 300_000 },
      ...{ treatMissingData: "notBreaching", datapointsToAlarm: 3 },
    });
    expect(alarm("pending")).to.deep.equal({
      ...{ ...maximum, metricName: metricNames.pendingAgeSeconds, threshold: 3_600 },
      ...{ treatMissingData: "notBreaching", datapointsToAlarm: 3 },
    });
    expect(alarm("dead")).to.deep.equal({ ...anyAtAll, metricName: metricNames.dead });
    expect(alarm("drift")).to.deep.equal({ ...anyAtAll, metricName: metricNames.drift });
    expect(alarm("stopped-routes")).to.deep.equal({ ...anyAtAll, metricName: metricNames.stoppedRoutes });
  });

  it("watch the function, what it gave up on and how far it is behind", async () => {
    const dev = await deployed("dev");
    const watched = (name: string): unknown => {
      const { namespace, metricName, dimensions, threshold } = inputs(dev, "MetricAlarm", `monitoring-crm-${name}`);
      return { namespace, metricName, dimensions, threshold };
    };
    const ofFunction = { namespace: "AWS/Lambda", dimensions: { FunctionName: "crm-function" }, threshold: 0 };

    expect(watched("errors")).to.deep.equal({ ...ofFunction, metricName: "Errors" });
    expect(watched("throttles")).to.deep.equal({ ...ofFunction, metricName: "Throttles" });
    expect(watched("lost-records")).to.deep.equal({ ...ofFunction, metricName: "DestinationDeliveryFailures" });
    expect(watched("iterator-age")).to.deep.equal({ ...ofFunction, metricName: "IteratorAge", threshold: 36_000_000 });
    expect(watched("failed-records")).to.deep.equal({
      namespace: "AWS/Lambda",
      metricName: "OnFailureDestinationDeliveredEventCount",
      dimensions: { EventSourceMappingUUID: "crm-mapping-uuid" },
      threshold: 0,
    });
    expect(watched("failure-bucket")).to.deep.equal({
      namespace: "AWS/S3",
      metricName: "NumberOfObjects",
      dimensions: { BucketName: "crm-failures-bucket", StorageType: "AllStorageTypes" },
      threshold: 0,
    });
  });

  it("watch what direct delivery drops instead of what a stream keeps", async () => {
    const direct = await deployed("direct delivery");

    expect(inputs(direct, "MetricAlarm", "monitoring-crm-failed-records")).to.deep.include({
      metricName: "AsyncEventsDropped",
      dimensions: { FunctionName: "crm-function" },
    });
    expect(inputs(direct, "MetricAlarm", "monitoring-crm-delivery-errors")["metricQueries"]).to.deep.equal([
      {
        id: "total",
        expression:
          "SELECT SUM(DeliveryErrors) FROM SCHEMA(\"AWS/Logs\", DestinationType, FilterName, LogGroupName) WHERE FilterName = 'crm-filter'",
        period: 60,
        returnData: true,
      },
    ]);
  });

  it("watch the subscription and the stream", async () => {
    const dev = await deployed("dev");

    for (const [alarm, metric] of [
      ["errors", "DeliveryErrors"],
      ["throttling", "DeliveryThrottling"],
    ] as const) {
      const { metricQueries } = inputs(dev, "MetricAlarm", `monitoring-delivery-${alarm}`);
      expect(metricQueries).to.deep.equal([
        {
          id: "total",
          expression: `SELECT SUM(${metric}) FROM SCHEMA("AWS/Logs", DestinationType, FilterName, LogGroupName) WHERE FilterName = 'audit-filter'`,
          period: 60,
          returnData: true,
        },
      ]);
    }
    expect(inputs(dev, "MetricAlarm", "monitoring-stream-throttling")).to.deep.include({
      namespace: "AWS/Kinesis",
      metricName: "WriteProvisionedThroughputExceeded",
      dimensions: { StreamName: "audit-stream" },
    });
  });

  it("look at one metric or ask one question, for no longer than CloudWatch allows", async () => {
    for (const { name, inputs: given } of ofType(await deployed("prod"), "MetricAlarm")) {
      const single = ["metricName", "namespace", "dimensions", "period"].map((key) => given[key] !== undefined);
      const queried = given["metricQueries"] !== undefined;
      expect(single, name).to.deep.equal([!queried, !queried, !queried, !queried]);
      expect(
        [given["statistic"], given["extendedStatistic"]].filter((value) => value !== undefined),
        name,
      ).to.have.length(queried ? 0 : 1);
      const seconds = Number(given["period"] ?? 60) * Number(given["evaluationPeriods"]);
      expect(seconds, name).to.be.at.most(86_400);
    }
  });
});

describe("the topic of the alarms", function () {
  this.timeout(deploymentTimeoutMs);

  it("is encrypted with the stack's key and has the configured subscribers", async () => {
    const prod = await deployed("prod");

    expect(inputs(prod, "Topic", "monitoring-topic")).to.deep.equal({
      displayName: "audit-sync prod",
      kmsMasterKeyId: "arn:aws:kms:us-east-1:123456789012:key/encryption-key",
    });
    expect(ofType(prod, "TopicSubscription").map(({ inputs: given }) => given)).to.deep.equal([
      { topic: topicArn, protocol: "email", endpoint: "database-oncall@example.com" },
    ]);
  });
});

describe("the dashboard", function () {
  this.timeout(deploymentTimeoutMs);

  it("begins with every alarm of the stack", async () => {
    const [first] = await widgets("dev");

    expect(first?.type).to.equal("alarm");
    expect(first?.properties.alarms?.slice().sort()).to.deep.equal(
      ofType(await deployed("dev"), "MetricAlarm")
        .map(({ inputs: given }) => `arn:aws:cloudwatch:us-east-1:123456789012:alarm:${given["name"] as string}`)
        .sort(),
    );
  });

  it("shows for every target whether it is in step", async () => {
    const numbers = (await widgets("dev")).filter(({ properties }) => properties["view"] === "singleValue");

    const shown = numbers.map(({ properties }) => properties.metrics?.map((row) => row[1]));
    const expected = [
      ...[metricNames.heartbeatAgeSeconds, metricNames.lag, metricNames.pending, metricNames.jobs],
      ...[metricNames.dead, metricNames.drift, metricNames.stoppedRoutes],
    ];
    expect(shown).to.deep.equal([expected, expected]);
  });

  it("draws every metric that the handler writes", async () => {
    const rows = (await widgets("dev")).flatMap(({ properties }) => properties.metrics ?? []);

    const drawn = rows.filter(([namespace]) => namespace === "AuditSync").map(([, metric]) => metric);
    expect([...new Set(drawn)].sort()).to.deep.equal(Object.values(metricNames).sort());
  });

  it("lays no widget over another one and none beyond the edge", async () => {
    for (const stack of ["dev", "direct delivery"] as const) {
      const taken = new Set<string>();
      for (const { x, y, width, height } of await widgets(stack)) {
        expect(x + width).to.be.at.most(24);
        for (let column = x; column < x + width; column++) {
          for (let row = y; row < y + height; row++) {
            const cell = `${column}/${row}`;
            expect(taken.has(cell), `${stack} ${cell}`).to.equal(false);
            taken.add(cell);
          }
        }
      }
    }
  });

  it("draws no stream where there is none", async () => {
    const rows = (await widgets("direct delivery")).flatMap(({ properties }) => properties.metrics ?? []);

    expect(rows.filter(([namespace]) => namespace === "AWS/Kinesis")).to.deep.equal([]);
    expect(rows.filter(([, metric]) => metric === "IteratorAge")).to.deep.equal([]);
  });
});
