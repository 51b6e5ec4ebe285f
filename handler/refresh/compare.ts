/** Chunks of a table compared by checksum on both sides, and the keys of the rows that differ. */
import { keyColumns, keyReads, sourceTable, targetTable, type RoutePlan } from "../routes/plan";
import type { Session } from "../sql/connection";
import { identifier, type SqlText, type Value } from "../sql/text";
import { comparableText, isLong } from "./comparableText";
import { keyAfter, keyFromRow, keyIn, type KeyText } from "./keys";
import { restrict } from "./rows";

export interface Chunk {
  /** Exclusive lower bound; `undefined`: the table's start. */
  readonly after: readonly Value[] | undefined;
  /** Inclusive upper bound; `undefined`: the table's end. */
  readonly upTo: readonly Value[] | undefined;
}

/**
 * The next chunk after a position: about `size` rows of the source, and not many more of the target, which may hold
 * millions of rows that the source no longer has.
 */
export async function nextChunk(
  plan: RoutePlan,
  source: Session,
  target: Session,
  after: readonly Value[] | undefined,
  size: number,
): Promise<Chunk> {
  const start = keyAfter(plan, "source", after);
  const columns = keyColumns(plan, "source").join(", ");
  const own = await source.rows(
    `SELECT ${keyReads(plan, "source").join(", ")} FROM ${sourceTable(plan)} WHERE ${restrict(plan, start)}
     ORDER BY ${columns} LIMIT 1 OFFSET ${size - 1}`,
    `reading keys of ${plan.id}`,
  );
  const theirColumns = keyColumns(plan, "target").join(", ");
  const theirs = await target.rows(
    `SELECT ${keyReads(plan, "target").join(", ")} FROM ${targetTable(plan)} WHERE ${within(plan, "target", { after, upTo: own[0] })}
     ORDER BY ${theirColumns} LIMIT 1 OFFSET ${2 * size - 1}`,
    `reading keys of ${plan.id}`,
  );
  return { after, upTo: theirs[0] ?? own[0] };
}

export interface Difference {
  /** Rows of the chunk at the source. */
  readonly rows: number;
  /** Bytes of the chunk's rows at either side, the more of both: roughly, as only long values are measured. */
  readonly bytes: number;
  readonly keys: readonly KeyText[];
  /** Digests of the target's rows, where the chunk differs. */
  readonly targetDigests: ReadonlyMap<KeyText, string>;
}

/** The keys of the chunk's rows that differ, are missing or are left over at the target. */
export async function differingKeys(
  plan: RoutePlan,
  source: Session,
  target: Session,
  chunk: Chunk,
): Promise<Difference> {
  const [here, there] = await Promise.all([
    aggregate(plan, source, "source", chunk),
    aggregate(plan, target, "target", chunk),
  ]);
  const bytes = Math.max(here.bytes, there.bytes);
  if (here.checksum === there.checksum) return { rows: here.rows, bytes, keys: [], targetDigests: new Map() };
  const [sourceRows, targetRows] = await Promise.all([
    rowDigests(plan, source, "source", within(plan, "source", chunk)),
    rowDigests(plan, target, "target", within(plan, "target", chunk)),
  ]);
  const keys: KeyText[] = [];
  for (const [key, digest] of sourceRows) if (targetRows.get(key) !== digest) keys.push(key);
  for (const key of targetRows.keys()) if (!sourceRows.has(key)) keys.push(key);
  return { rows: sourceRows.size, bytes, keys, targetDigests: targetRows };
}

/** Digests of the rows of some keys, by key. */
export async function digestsOf(
  plan: RoutePlan,
  session: Session,
  side: "source" | "target",
  keys: readonly KeyText[],
): Promise<ReadonlyMap<KeyText, string>> {
  const where = keyIn(plan, side, keys);
  return await rowDigests(plan, session, side, side === "source" ? restrict(plan, where) : where);
}

interface Aggregate {
  readonly rows: number;
  readonly bytes: number;
  readonly checksum: string;
}

async function aggregate(
  plan: RoutePlan,
  session: Session,
  side: "source" | "target",
  chunk: Chunk,
): Promise<Aggregate> {
  const rows = await session.rows(
    `SELECT COUNT(*), COALESCE(BIT_XOR(CAST(CONV(LEFT(d, 16), 16, 10) AS UNSIGNED)), 0),
       COALESCE(BIT_XOR(CAST(CONV(RIGHT(d, 16), 16, 10) AS UNSIGNED)), 0), COALESCE(SUM(bytes), 0)
     FROM (SELECT ${rowDigest(plan, side)} AS d, ${longBytes(plan, side)} AS bytes FROM ${from(plan, side)} WHERE ${within(plan, side, chunk)}) AS chunk`,
    `comparing ${plan.id}`,
  );
  const [count, ...rest] = (rows[0] ?? []).map((field) => field?.toString("latin1") ?? "");
  const bytes = Number(rest.pop());
  return { rows: Number(count), bytes, checksum: [count, ...rest].join() };
}

/** Bytes of a row's long values. */
function longBytes(plan: RoutePlan, side: "source" | "target"): SqlText {
  const lengths = plan.columns
    .filter((column) => isLong(column[side]))
    .map((column) => `COALESCE(OCTET_LENGTH(${identifier(column[side].name)}), 0)`);
  return lengths.length === 0 ? "0" : lengths.join(" + ");
}

async function rowDigests(
  plan: RoutePlan,
  session: Session,
  side: "source" | "target",
  where: SqlText,
): Promise<ReadonlyMap<KeyText, string>> {
  const rows = await session.rows(
    `SELECT ${rowDigest(plan, side)}, ${keyReads(plan, side).join(", ")} FROM ${from(plan, side)} WHERE ${where}`,
    `comparing ${plan.id}`,
  );
  return new Map(rows.map(([digest, ...key]) => [keyFromRow(plan, key), digest?.toString("latin1") ?? ""]));
}

function from(plan: RoutePlan, side: "source" | "target"): SqlText {
  return side === "source" ? sourceTable(plan) : targetTable(plan);
}

function within(plan: RoutePlan, side: "source" | "target", chunk: Chunk): SqlText {
  const range = `${keyAfter(plan, side, chunk.after)} AND ${keyAfter(plan, side, chunk.upTo, "<=")}`;
  return side === "source" ? restrict(plan, range) : range;
}

/** MD5 over every copied value, each with its length in front, so that no two rows read alike. */
function rowDigest(plan: RoutePlan, side: "source" | "target"): SqlText {
  const fields = plan.columns.map((column) => {
    const exact = comparableText(column, side);
    return `COALESCE(CONCAT(OCTET_LENGTH(${exact}), ':', ${exact}), 'N')`;
  });
  return `MD5(CONCAT(${fields.join(", ")}))`;
}
