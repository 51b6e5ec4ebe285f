/** Section 2: from a statement's text to what it may have changed. */
import { Parser } from "node-sql-parser";
import { readStatement } from "../../handler/touch/statement";
import { TableIndex } from "../../handler/touch/tableIndex";
import { createRandom } from "../../local/random";
import { type Ratio, type SectionContext, type SectionResult } from "../result";
import { measuring, sideBySide, times } from "../sideBySide";
import { applicationMix, applicationWrites } from "./applicationMix";
import { shopTables } from "./shopTables";

const ours = "this project";
const parser = "node-sql-parser";
const statements = 20_000;
/** The parser is slow enough to be timed on fewer. */
const statementsForParser = 1_000;

export function measureTouch({ effort, say }: SectionContext): SectionResult {
  const options = measuring[effort];
  const ratios: Ratio[] = [];
  const mixes = [
    { name: "mix", texts: applicationMix(createRandom("bench", "mix"), statements) },
    { name: "writes alone", texts: applicationWrites(createRandom("bench", "writes"), statements) },
  ];
  const rows = mixes.map(({ name, texts }) => {
    say(`touch: ${name}`);
    const rates = sideBySide(
      [
        { name: ours, run: () => readAll(texts) },
        { name: parser, run: () => parseAll(texts.slice(0, statementsForParser)) },
      ],
      options,
    );
    const own = rates.get(ours) ?? 0;
    ratios.push({ name: `${name}: against ${parser}`, value: times(rates, ours, parser), goal: { atLeast: 20 } });
    ratios.push({ name: `${name}: statements`, value: own, unit: "per s", goal: { atLeast: 300_000 } });
    return [name, Math.round(own), Math.round(rates.get(parser) ?? 0), refused(texts)];
  });
  const columns = ["statements", `${ours}, per s`, `${parser}, per s`, `of 1,000, ${parser} refuses`];
  return { section: "touch", ratios, tables: [{ title: "Statements read, one core", columns, rows }], notes: [] };
}

const tables = new TableIndex(shopTables);

function readAll(texts: readonly string[]): number {
  let touches = 0;
  for (const text of texts) {
    touches += readStatement(text, {
      database: "shop",
      dialect: "mariadb",
      truncated: false,
      retcode: 0,
      tables,
      now: { earliestMs: Date.UTC(2026, 0, 14), latestMs: Date.UTC(2026, 0, 16) },
    }).touches.length;
  }
  if (touches < texts.length / 4) throw new Error("the statements of the benchmark touch too little to mean anything");
  return texts.length;
}

const sqlParser = new Parser();

function parseAll(texts: readonly string[]): number {
  for (const text of texts) isParsed(text);
  return texts.length;
}

function refused(texts: readonly string[]): number {
  return texts.slice(0, statementsForParser).filter((text) => !isParsed(text)).length;
}

function isParsed(text: string): boolean {
  try {
    sqlParser.astify(text, { database: "MariaDB" });
    return true;
  } catch {
    // Text outside its grammar; the table says how much of that there is.
    return false;
  }
}
