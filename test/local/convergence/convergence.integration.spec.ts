import { dialectNames } from "../../../local/shipping/dialect";
import { Laboratory } from "./laboratory";

/**
 * Set SEEDS to a number of runs for each dialect, or SEED to one seed (as a failure prints it) to see it again. The
 * decisions of a seed are the same each time, the order in which servers and workers get on is not.
 */
const runs = Number(process.env["SEEDS"] ?? "1");
const onlySeed = process.env["SEED"];
const size = { connections: 4, steps: 25, workers: 3 };

describe("source and target under concurrent workloads, with records twice, late and shuffled and workers killed", function () {
  this.timeout(120_000 + runs * 60_000);
  let laboratory: Laboratory;

  before(async () => {
    laboratory = await Laboratory.open();
  });
  after(async () => {
    await laboratory.close();
  });

  for (const dialect of dialectNames) {
    it(`are equal at the end when the log is that of ${dialect}`, async () => {
      for (let run = 0; run < runs; run++) {
        const seed = onlySeed ?? `${dialect}-${Date.now().toString(36)}-${run}`;
        let differences: readonly string[];
        try {
          differences = await laboratory.run(seed, dialect, size);
        } catch (error) {
          throw new Error(`the run with SEED=${seed} failed`, { cause: error });
        }
        if (differences.length > 0) throw new Error(`SEED=${seed} differs: ${differences.join("\n")}`);
      }
    });
  }
});
