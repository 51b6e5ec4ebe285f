import { expect } from "chai";
import { compareTarget } from "../../../local/compare/compare";
import { createRandom, type Random } from "../../../local/random";
import type { TextRow } from "../../../local/textRows";
import { anyWrite } from "../../local/convergence/statements";
import { canary, canaryNumber, expressions, mutate, statements, templates } from "./attacks";
import { Laboratory, routes } from "./laboratory";
import { auditLine, envelope, hostileLines, hostileRecords, longTexts } from "./lines";
import { strangeParts } from "./statementCheck";

/** Longer by SECURITY_SECONDS, again with the same texts by SECURITY_SEED. */
const seconds = Number(process.env["SECURITY_SECONDS"] ?? 8);
const seed = process.env["SECURITY_SEED"] ?? String(Date.now() % 1_000_000_000);

/** Characters of the long texts; SECURITY_LENGTH=1000000 takes minutes. */
const longTextLength = Number(process.env["SECURITY_LENGTH"] ?? 200_000);

describe("a log that somebody hostile writes", function () {
  this.timeout(seconds * 1000 + 240_000);
  let laboratory: Laboratory;
  let others: readonly TextRow[];
  let names: ReadonlySet<string>;
  const sent: string[] = [];

  before(async () => {
    laboratory = await Laboratory.open();
    await settle();
    others = await laboratory.others();
    names = await laboratory.names();
    // How sessions are prepared and the state's tables made.
    await laboratory.statements();
  });
  after(async () => {
    await laboratory.close();
  });

  /** Until nothing waits: jobs are work that comes from texts as well. */
  async function settle(): Promise<void> {
    for (let round = 0; round < 100; round++) {
      await laboratory.tick();
      const [[left] = []] = await laboratory.atTarget(
        "SELECT (SELECT COUNT(*) FROM audit_sync.jobs) + (SELECT COUNT(*) FROM audit_sync.pending)",
      );
      if (left === "0") return;
    }
    throw new Error("there is still work after 100 ticks");
  }

  async function feed(texts: readonly string[], random: Random): Promise<void> {
    const narrow = texts.filter((text) => laboratory.isNarrow(text));
    const wide = texts.filter((text) => !laboratory.isNarrow(text));
    // A predicate that the server refuses compares a table whole as well, which spares the searches behind it.
    const parts = Array.from({ length: Math.ceil(narrow.length / 100) }, (_, index) =>
      narrow.slice(index * 100, index * 100 + 100),
    );
    for (const some of [...parts, wide]) {
      const acknowledged = await laboratory.handle([envelope(some.map((text) => auditLine(text, random)))]);
      if (!acknowledged) throw new Error(laboratory.said.at(-1));
    }
  }

  async function expectHarmless(): Promise<void> {
    await settle();
    const executed = await laboratory.statements();
    expect(executed.length).to.be.greaterThan(20);
    sent.push(...executed);
    const strange = new Map<string, string>();
    for (const statement of executed) strangeParts(statement, { names }, strange);
    expect([...strange]).to.deep.equal([]);
    expect(await laboratory.others()).to.deep.equal(others);
    expectSilence();
    const different = (await compareTarget(laboratory.source, laboratory.target, routes)).filter(
      ({ source, differences }) => differences > 0 && source !== "shop.refused",
    );
    expect(different).to.deep.equal([]);
  }

  function expectSilence(): void {
    const secrets = [canary, canaryNumber].flatMap((secret) => [
      secret,
      Buffer.from(secret).toString("hex"),
      Buffer.from(secret).toString("base64").slice(0, 11),
    ]);
    expect(laboratory.said.length).to.be.greaterThan(0);
    for (const line of laboratory.said) {
      for (const secret of secrets) expect(line.toLowerCase()).not.to.include(secret.toLowerCase());
    }
  }

  it("gets no expression, name or value of an attack anywhere", async () => {
    const random = createRandom(seed, "attacks");
    const texts = [...statements, ...expressions.flatMap((each) => templates.map((template) => template(each)))];

    await feed(texts, random);

    await expectHarmless();
  });

  it("gets nothing by fields of lines, lines that are none, and records that are none", async () => {
    const lines = expressions.flatMap(hostileLines);
    for (const records of [[envelope(lines)], hostileRecords(canary)]) {
      if (!(await laboratory.handle(records))) throw new Error(laboratory.said.at(-1));
    }

    await expectHarmless();
  });

  it(`gets nothing by mutations of ordinary statements (SECURITY_SEED=${seed})`, async () => {
    const random = createRandom(seed, "mutations");
    const deadline = Date.now() + seconds * 1000;
    do {
      await feed(
        Array.from({ length: 600 }, () => mutate(anyWrite(random, true), random)),
        random,
      );
    } while (Date.now() < deadline);

    await expectHarmless();
  });

  it("is not held up by long texts, lines and records, at once or when they had to wait", async () => {
    const random = createRandom(seed, "long");
    const texts = longTexts(longTextLength);
    await feed(texts, random);
    await laboratory.whileOpen(async (connectionId) => {
      const lines = texts.map((text) => auditLine(text, random, connectionId));
      expect(await laboratory.handle([envelope(lines)]), laboratory.said.at(-1)).to.equal(true);
    });
    const bytes = Buffer.alloc(900_000, "'\\");
    expect(await laboratory.handle([bytes, envelope([`auto ${bytes.toString()}`])]), laboratory.said.at(-1)).to.equal(
      true,
    );

    await settle();
    expect(await laboratory.others()).to.deep.equal(others);
    expectSilence();
  });

  it("would be noticed if an expression, a name or a quote of a text came through", () => {
    const searches = sent.filter((sql) => /^SELECT .* FROM `shop`/u.test(sql) && /_utf8mb4'/u.test(sql)).slice(0, 200);
    // Predicates of texts, joined in a few searches.
    expect(searches.join(" OR ").split(" OR ").length).to.be.greaterThan(60);
    const leaks = expressions.filter(
      (each) => strangeParts(`SELECT 1 FROM \`shop\`.\`auto\` WHERE NULL = ${each}`, { names }).length > 0,
    );

    for (const leak of leaks) {
      for (const sql of searches) {
        expect(
          strangeParts(
            sql.replace(/_utf8mb4'(?:[^'\\]|\\.)*'/u, () => leak),
            { names },
          ),
          leak,
        ).not.to.deep.equal([]);
      }
    }
    expect(leaks).to.include.members(["SLEEP(9)", "vault.attack(1)", "'\\'", "(@vault := 1)"]);
    expect(leaks.length).to.be.greaterThan(40);
  });
});
