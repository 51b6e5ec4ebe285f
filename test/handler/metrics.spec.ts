import { expect } from "chai";
import { metricLine } from "../../handler/metrics";
import type { Outcome } from "../../handler/sync/worker";

const outcome: Outcome = {
  records: 7,
  touches: { keys: 3, where: 1, tail: 0, all: 0 },
  written: 4,
  deleted: 1,
  widenings: 0,
  lagMs: [10, 20],
  dead: 0,
  pending: { count: 1, ageSeconds: 5 },
  jobs: 0,
  stopped: [],
  heartbeatMs: 40_000,
};

function parse(line: string): Record<string, unknown> {
  return JSON.parse(line) as Record<string, unknown>;
}

describe("metrics", () => {
  it("are one line of the embedded metric format with the dimensions environment and target", () => {
    const line = parse(metricLine(outcome, { environment: "dev", target: "crm" }, 90_000, 100_000));

    expect(line).to.include({
      environment: "dev",
      target: "crm",
      Records: 7,
      RowsWritten: 4,
      TouchesKeys: 3,
      Pending: 1,
    });
    expect(line).to.include({ HeartbeatAgeSeconds: 60, RefreshTime: 10_000 });
    expect(line["Lag"]).to.deep.equal([10, 20]);
    const [{ Namespace: namespace, Dimensions: dimensions } = { Namespace: "", Dimensions: [] }] = (
      line["_aws"] as { CloudWatchMetrics: { Namespace: string; Dimensions: string[][] }[] }
    ).CloudWatchMetrics;
    expect(namespace).to.equal("AuditSync");
    expect(dimensions).to.deep.equal([["environment", "target"]]);
  });

  it("leave out what is not known, so that a missing heartbeat is missing data", () => {
    const line = parse(
      metricLine({ ...outcome, lagMs: [], heartbeatMs: undefined }, { environment: "dev", target: "crm" }, 0, 1),
    );

    expect(line).not.to.have.any.keys("Lag", "HeartbeatAgeSeconds");
  });

  it("hold at most a hundred values of the lag, the smallest and the largest among them", () => {
    const lagMs = Array.from({ length: 1_000 }, (_, index) => 1_000 - index);

    const line = parse(metricLine({ ...outcome, lagMs }, { environment: "dev", target: "crm" }, 0, 1));

    const lag = line["Lag"] as number[];
    expect(lag).to.have.length(100);
    expect([lag[0], lag.at(-1)]).to.deep.equal([1, 1_000]);
  });
});
