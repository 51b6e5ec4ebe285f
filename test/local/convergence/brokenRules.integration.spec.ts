import { brokenRules } from "./brokenRules";
import { Laboratory } from "./laboratory";

/** ALL_RULES=1 includes those that are not part of each test run, to bound its time. */
const all = process.env["ALL_RULES"] === "1";
const rules = brokenRules.filter(({ quick }) => quick || all);
const most = 30;
const size = { connections: 4, steps: 4, workers: 1 };

describe("runs of concurrent workloads while a rule of following is broken", function () {
  let laboratory: Laboratory;

  before(async function () {
    this.timeout(60_000);
    laboratory = await Laboratory.open();
  });
  after(async () => {
    await laboratory.close();
  });

  for (const { name, begin } of rules) {
    it(`end with differences when ${name}`, async function () {
      this.timeout(most * 30_000);
      const mend = begin();
      try {
        for (let run = 0; run < most; run++) {
          const differences = await laboratory.run(`${name}-${Date.now().toString(36)}-${run}`, "mariadb", size);
          if (differences.length > 0) return;
        }
      } finally {
        mend();
      }
      throw new Error(`none of ${most} runs noticed that ${name}`);
    });
  }
});
