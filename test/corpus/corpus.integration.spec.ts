import { expect } from "chai";
import { readHazards } from "./hazards";
import { Laboratory } from "./laboratory";

/** Set HAZARD to run the folders whose names contain it, SEED to repeat an order of delivery. */
const hazards = readHazards(__dirname).filter(({ name }) => name.includes(process.env["HAZARD"] ?? ""));
const seed = process.env["SEED"] ?? Date.now().toString(36);

describe(`the corpus of hazards, delivered in the order of SEED=${seed}`, function () {
  this.timeout(180_000);
  let laboratory: Laboratory | undefined;

  before(async () => {
    laboratory = await Laboratory.open(hazards);
  });
  after(async () => {
    await laboratory?.close();
  });

  for (const hazard of hazards) {
    it(`leaves every target equal: ${hazard.name}`, async () => {
      if (laboratory === undefined) throw new Error("the servers are not there");
      const { errors, lines } = await laboratory.work(hazard);
      const results = await laboratory.follow(hazard, lines, seed);

      expect(errors, errors.join("\n")).to.have.length(hazard.expectation.failing);
      for (const { dialect, stoppedBefore, stoppedAfter, differences, dead } of results) {
        const { stopped } = hazard.expectation;
        if (stopped === undefined) expect(stoppedBefore, dialect).to.deep.equal([]);
        else expect(stoppedBefore.join("\n"), dialect).to.contain(stopped);
        expect({ dialect, stoppedAfter, differences, dead }).to.deep.equal({
          dialect,
          stoppedAfter: [],
          differences: [],
          dead: hazard.expectation.dead,
        });
      }
    });
  }
});
