/** What the event source mapping does with a batch, as decisions: nothing here waits or invokes. */

/** A part of a shard, in order, and how often it has failed as it is. */
export interface Batch<T extends Sequenced> {
  readonly records: readonly T[];
  readonly failures: number;
}

export interface Sequenced {
  readonly sequenceNumber: string;
}

export type Outcome =
  /** What the function returned. */
  | { readonly kind: "returned"; readonly response: unknown }
  /** It threw, ran out of time or died. */
  | { readonly kind: "failed" };

export interface Decision<T extends Sequenced> {
  /** How many of the batch's first records are done with: the shard's checkpoint moves behind them. */
  readonly acknowledged: number;
  /** Records that go to the failure destination, after the acknowledged ones. */
  readonly givenUp: readonly T[];
  /** What is invoked next, in order. */
  readonly next: readonly Batch<T>[];
}

/**
 * - Everything before the lowest reported sequence number is acknowledged, everything from it on is tried again, also
 *   what the function did handle.
 * - No reported failure at all is a success; a report that names no record of the batch fails the whole batch.
 * - A failed batch of several records is cut in halves, which does not count as a retry.
 *
 * https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html
 */
export function afterInvocation<T extends Sequenced>(
  batch: Batch<T>,
  outcome: Outcome,
  maximumRetries: number,
): Decision<T> {
  const { records } = batch;
  const failed = outcome.kind === "failed" ? "unreported" : firstFailure(records, outcome.response);
  if (failed === undefined) return { acknowledged: records.length, givenUp: [], next: [] };
  if (failed === "unreported" && records.length > 1) return { acknowledged: 0, givenUp: [], next: halves(batch) };
  const from = failed === "unreported" ? 0 : failed;
  const failures = from === 0 ? batch.failures + 1 : 1;
  const rest = records.slice(from);
  return failures > maximumRetries
    ? { acknowledged: from, givenUp: rest, next: [] }
    : { acknowledged: from, givenUp: [], next: [{ records: rest, failures }] };
}

function halves<T extends Sequenced>({ records, failures }: Batch<T>): readonly Batch<T>[] {
  const middle = Math.ceil(records.length / 2);
  return [
    { records: records.slice(0, middle), failures },
    { records: records.slice(middle), failures },
  ];
}

/** The place of the first failed record; `undefined`: there is none; `unreported`: the answer names no record. */
function firstFailure(records: readonly Sequenced[], response: unknown): number | undefined | "unreported" {
  const reported = reportedFailures(response);
  if (reported.length === 0) return undefined;
  const places = reported.map((identifier) => records.findIndex(({ sequenceNumber }) => sequenceNumber === identifier));
  return places.includes(-1) ? "unreported" : Math.min(...places);
}

function reportedFailures(response: unknown): readonly unknown[] {
  if (typeof response !== "object" || response === null || !("batchItemFailures" in response)) return [];
  const { batchItemFailures } = response;
  if (batchItemFailures === null) return [];
  if (!Array.isArray(batchItemFailures)) return [undefined];
  return batchItemFailures.map((item: unknown) =>
    typeof item === "object" && item !== null && "itemIdentifier" in item ? item.itemIdentifier : undefined,
  );
}

/** How many of the first records fit into one invocation: Lambda takes 6 MB, and a record travels as base64. */
export function fittingRecords(records: readonly { readonly data: Buffer }[], batchSize: number): number {
  let bytes = 0;
  const limit = 5_500_000;
  const place = records.slice(0, batchSize).findIndex(({ data }) => {
    bytes += Math.ceil(data.length / 3) * 4 + 500;
    return bytes > limit;
  });
  if (place < 0) return Math.min(records.length, batchSize);
  return Math.max(1, place);
}

/** Milliseconds to wait before a batch that failed this often is tried again. */
export function backoffMs(failures: number): number {
  return failures === 0 ? 0 : Math.min(1000, 50 * 2 ** (failures - 1));
}
