/** Section 1: from gzip envelopes to audit records. */
import { gunzipSync } from "node:zlib";
import { parseAuditMessage, type ParsedLine } from "../../handler/log/auditLine";
import { decodeEnvelope } from "../../handler/log/envelope";
import { createRandom, type Random } from "../../local/random";
import { auditLine, packed } from "../auditText";
import { type Ratio, type SectionContext, type SectionResult } from "../result";
import { measuring, sideBySide, times } from "../sideBySide";
import { decodeAsPublished } from "./publishedDecoder";

const ours = "this project";
const floor = "gunzip + JSON.parse";
const published = "published: split by regular expression";

const lengths = [
  { name: "100 B", bytes: 100, lines: 5_000, forPublished: 1_000 },
  { name: "1 KB", bytes: 1_024, lines: 4_000, forPublished: 200 },
  // The published way looks at the whole rest of the line for each of its commas: one line takes it a second.
  { name: "64 KB", bytes: 65_536, lines: 200, forPublished: 1 },
];

export function measureDecode({ effort, say }: SectionContext): SectionResult {
  const options = measuring[effort];
  const ratios: Ratio[] = [];
  const rows = lengths.map((length) => {
    say(`decode: statements of ${length.name}`);
    const rates = sideBySide(candidates(length, effort === "guard" ? 10 : 1), options);
    const goals = length.name === "1 KB" ? { published: { atLeast: 20 } } : {};
    ratios.push({ name: `${length.name}: of the floor`, value: times(rates, ours, floor), goal: { atLeast: 0.7 } });
    ratios.push({
      name: `${length.name}: against the published approach`,
      value: times(rates, ours, published),
      goal: goals.published,
    });
    return [length.name, ...[floor, ours, published].map((name) => Number((rates.get(name) ?? 0).toPrecision(3)))];
  });
  return {
    section: "decode",
    ratios,
    tables: [{ title: "MB/s of audit lines, one core", columns: ["statements of", floor, ours, published], rows }],
    notes: [],
  };
}

/** `part`: only the tenth of the lines, say. */
function candidates({ bytes, lines, forPublished }: (typeof lengths)[number], part: number) {
  const random = createRandom("bench", "decode");
  const texts = Array.from({ length: lines / part }, (_, index) => auditLine(statementOf(bytes, random), index));
  const all = sample(texts);
  const few = sample(texts.slice(0, forPublished));
  return [
    { name: floor, run: () => decodeAll(all, (data) => void JSON.parse(gunzipSync(data).toString("utf8"))) },
    { name: ours, run: () => decodeAll(all, decodeRecords) },
    { name: published, run: () => decodeAll(few, (data) => void decodeAsPublished(data)) },
  ];
}

interface Sample {
  readonly data: readonly Buffer[];
  /** Megabytes of lines in `data`. */
  readonly megabytes: number;
}

function sample(lines: readonly string[]): Sample {
  return { data: packed(lines), megabytes: lines.reduce((sum, line) => sum + Buffer.byteLength(line), 0) / 1e6 };
}

function decodeAll({ data, megabytes }: Sample, decode: (data: Buffer) => void): number {
  for (const one of data) decode(one);
  return megabytes;
}

/** What the handler does with an envelope before it reads statements. */
function decodeRecords(data: Buffer): void {
  const envelope = decodeEnvelope(data);
  if (envelope.kind === "control") return;
  const lines: ParsedLine[] = [];
  for (const { message } of envelope.events) parseAuditMessage(message, { queryLogLimit: 0 }, lines);
  if (lines.some((line) => !line.ok)) throw new Error("a line of the benchmark's own is malformed");
}

/** An INSERT of about that length, with what such statements have: numbers, short texts, an apostrophe now and then. */
function statementOf(bytes: number, random: Random): string {
  const rows: string[] = [];
  for (let length = 65; length < bytes || rows.length === 0;) {
    const name = random.chance(0.1) ? "O''Brien" : `customer ${random.below(100_000)}`;
    const row = `(${random.below(10_000_000)}, '${name}', 'open', ${random.below(100_000)}.50)`;
    length += row.length + 2;
    rows.push(row);
  }
  return `INSERT INTO orders VALUES ${rows.join(", ")}`;
}
