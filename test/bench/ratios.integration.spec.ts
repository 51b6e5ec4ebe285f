import { expect } from "chai";
import { measureDecode } from "../../bench/decode/decode";
import { measureTouch } from "../../bench/touch/touch";
import { type SectionContext, type SectionResult } from "../../bench/result";

const guard: SectionContext = { effort: "guard", say: () => undefined };

/** A regression that halves the speed is for `npm run bench` to find; here only one that ruins it fails. */
describe("the benchmark's slimmed variant", function () {
  this.timeout(180_000);

  function ratio({ ratios }: SectionResult, name: string): number {
    return ratios.find((found) => found.name === name)?.value ?? NaN;
  }

  it("decodes at a speed that is not far from unpacking alone", () => {
    const result = measureDecode(guard);

    expect(ratio(result, "1 KB: of the floor")).to.be.greaterThan(0.25);
    expect(ratio(result, "64 KB: against the published approach")).to.be.greaterThan(20);
  });

  it("reads statements several times as fast as a general parser", () => {
    const result = measureTouch(guard);

    expect(ratio(result, "mix: against node-sql-parser")).to.be.greaterThan(5);
  });
});
