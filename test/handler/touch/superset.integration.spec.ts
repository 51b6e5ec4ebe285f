import { expect } from "chai";
import { Laboratory, type Derive } from "./superset/laboratory";
import { runRound } from "./superset/trials";
import { showingSeeds, worseReadings } from "./superset/worseReadings";

/** Longer by SUPERSET_SECONDS, again with the same cases by SUPERSET_SEED. */
const seconds = Number(process.env["SUPERSET_SECONDS"] ?? 20);
const firstSeed = Number(process.env["SUPERSET_SEED"] ?? Date.now() % 1_000_000_000);
/** Rounds in which a broken rule must show. Their seeds are fixed, so that it does not depend on luck. */
const roundsForMutations = 30;

describe("the touch of a statement, at a real server", function () {
  this.timeout(seconds * 1000 + 300_000);
  let laboratory: Laboratory;

  before(async () => {
    laboratory = await Laboratory.open();
  });

  after(async () => {
    await laboratory.close();
  });

  it(`holds every row that generated statements change (SUPERSET_SEED=${firstSeed})`, async () => {
    const deadline = Date.now() + seconds * 1000;
    let [cases, changing] = [0, 0];
    for (let seed = firstSeed; Date.now() < deadline || cases < 300; seed++) {
      for await (const trial of runRound(laboratory, { seed })) {
        expect(trial.findings, trial.description).to.deep.equal([]);
        cases++;
        if (trial.changedRows > 0) changing++;
      }
    }

    expect(changing).to.be.greaterThan(cases / 4);
  });

  for (const [rule, derive] of Object.entries(worseReadings)) {
    it(`would show it: ${rule}`, async () => {
      expect(await showsFrom(showingSeeds[rule] ?? 1, derive)).to.equal(true);
    });
  }

  async function showsFrom(first: number, derive: Derive): Promise<boolean> {
    for (let seed = first; seed < first + roundsForMutations; seed++) {
      for await (const { findings } of runRound(laboratory, { seed, derive })) if (findings.length > 0) return true;
    }
    return false;
  }
});
