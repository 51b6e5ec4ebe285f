import { expect } from "chai";
import { metricLine } from "../../handler/metrics";
import type { Outcome } from "../../handler/sync/worker";

const endedAtMs = Date.now();
const period = { startedAtMs: endedAtMs - 10_000, endedAtMs };
const names = { environment: "dev", target: "crm" };

const outcome: Outcome = {
  records: 7,
  unreadable: 0,
  touches: { keys: 3, where: 1, tail: 0, all: 0 },
  written: 4,
  deleted: 1,
  widenings: new Map(),
  lagMs: [10, 20],
  dead: 0,
  drift: 2,
  pending: { count: 1, ageSeconds: 5, connectionId: "77" },
  jobs: 0,
  stopped: [],
  heartbeatMs: endedAtMs - 60_000,
  notices: [],
};

function parse(line: string): Record<string, unknown> {
  return JSON.parse(line) as Record<string, unknown>;
}

interface Directive {
  readonly Namespace: string;
  readonly Dimensions: readonly (readonly string[])[];
  readonly Metrics: readonly { readonly Name: string; readonly Unit: string }[];
}

function directive(line: Record<string, unknown>): Directive {
  const [only] = (line["_aws"] as { CloudWatchMetrics: readonly Directive[] }).CloudWatchMetrics;
  if (only === undefined) throw new Error("the line has no metrics");
  return only;
}

describe("metrics", () => {
  it("are one line of the embedded metric format with the dimensions environment and target alone", () => {
    const line = parse(metricLine(outcome, names, period));

    const { Namespace: namespace, Dimensions: dimensions, Metrics: metrics } = directive(line);
    expect(namespace).to.equal("AuditSync");
    expect(dimensions).to.deep.equal([["environment", "target"]]);
    expect(metrics.find(({ Name }) => Name === "HeartbeatAgeSeconds")?.Unit).to.equal("Seconds");
    expect(line).to.include({ environment: "dev", target: "crm", Records: 7, RowsWritten: 4, TouchesKeys: 3 });
    expect(line).to.include({
      Pending: 1,
      PendingAgeSeconds: 5,
      Drift: 2,
      HeartbeatAgeSeconds: 60,
      RefreshTime: 10_000,
    });
    expect(line["Lag"]).to.deep.equal([10, 20]);
    expect(line).not.to.have.property("service");
  });

  it("count widenings for each reason", () => {
    const widenings = new Map([["insert-select", 2] as const, ["truncated", 1] as const]);

    const line = parse(metricLine({ ...outcome, widenings }, names, period));

    expect(line).to.include({ Widenings: 3, WideningsInsertSelect: 2, WideningsTruncated: 1 });
  });

  it("carry the invocation's identity beside them, not as a dimension", () => {
    const line = parse(metricLine(outcome, names, period, { requestId: "r-1", firstSequenceNumber: "495" }));

    expect(line).to.include({ requestId: "r-1", firstSequenceNumber: "495" });
    expect(directive(line).Dimensions).to.deep.equal([["environment", "target"]]);
  });

  it("leave out what is not known, so that a missing heartbeat is missing data", () => {
    const line = parse(metricLine({ ...outcome, lagMs: [], heartbeatMs: undefined }, names, period));

    expect(line).not.to.have.any.keys("Lag", "HeartbeatAgeSeconds");
  });

  it("hold fewer than a hundred values of the lag, the smallest and the largest among them", () => {
    const lagMs = Array.from({ length: 1_000 }, (_, index) => 1_000 - index);

    const line = parse(metricLine({ ...outcome, lagMs }, names, period));

    const lag = line["Lag"] as number[];
    expect(lag).to.have.length(99);
    expect([lag[0], lag.at(-1)]).to.deep.equal([1, 1_000]);
  });
});
