import { expect } from "chai";
import { byServers, readHazards, type Hazard } from "./hazards";
import { Laboratory } from "./laboratory";

/** Set HAZARD to run the folders whose names contain it, SEED to repeat an order of delivery. */
const hazards = readHazards(__dirname).filter(({ name }) => name.includes(process.env["HAZARD"] ?? ""));
const seed = process.env["SEED"] ?? Date.now().toString(36);

describe(`the corpus of hazards, delivered in the order of SEED=${seed}`, function () {
  this.timeout(180_000);
  for (const group of byServers(hazards)) {
    describe(`on servers with the options ${JSON.stringify(group[0]?.servers)}`, () => {
      examine(group);
    });
  }
});

function examine(group: readonly Hazard[]): void {
  let laboratory: Laboratory | undefined;

  before(async () => {
    laboratory = await Laboratory.open(group);
  });
  after(async () => {
    await laboratory?.close();
  });

  for (const hazard of group) {
    it(`leaves every target equal: ${hazard.name}`, async () => {
      if (laboratory === undefined) throw new Error("the servers are not there");
      const { errors, lines, held } = await laboratory.work(hazard);
      const results = await laboratory.follow(hazard, { lines, held, seed });

      expect(errors, errors.join("\n")).to.have.length(hazard.expectation.failing);
      for (const { dialect, waiting, stoppedBefore, stoppedAfter, differences, dead } of results) {
        const { stopped } = hazard.expectation;
        if (stopped === undefined) expect(stoppedBefore, dialect).to.deep.equal([]);
        else expect(stoppedBefore.join("\n"), dialect).to.contain(stopped);
        expect({ dialect, stoppedAfter, differences, dead }).to.deep.equal({
          dialect,
          stoppedAfter: [],
          differences: [],
          dead: hazard.expectation.dead,
        });
        if (held !== undefined) expect(waiting, dialect).to.be.greaterThan(0);
      }
    });
  }
}
