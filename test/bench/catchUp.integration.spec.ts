import { expect } from "chai";
import { measureCatchUp } from "../../bench/catchUp/catchUp";

describe("catching up, as the benchmark's slimmed variant", function () {
  this.timeout(300_000);

  it("is faster than replaying hot rows one by one, and leaves equal tables in every workload", async () => {
    // It throws when a row differs.
    const { ratios } = await measureCatchUp({ effort: "guard", say: () => undefined });

    const replay = ratios.find(({ name }) => name === "hot rows: speed against text replay (mysql2)");
    expect(replay?.value).to.be.greaterThan(1);
  });
});
