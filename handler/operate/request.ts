/** What an operator, a schedule or a command may ask of the function, as the payload of an invocation. */
import * as v from "valibot";

const table = v.optional(v.pipe(v.string(), v.nonEmpty("is the name of a table")));
const id = v.pipe(v.string(), v.regex(/^\d{1,20}$/u, "is a number from the list of dead entries, as text"));
const ids = v.pipe(
  v.array(id),
  v.minLength(1, "names at least one entry"),
  v.maxLength(1_000, "has at most 1000 entries"),
);
const limit = v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1_000)), 100);

/**
 * - `tick`: writes the heartbeat, applies what became ready, goes on with jobs.
 * - `status`: how the target stands, by route.
 * - `backfill`, `verify`, `repair`: ask for a job on every table, or on one; ticks and batches carry it out.
 * - `drift`: what the last verifications found, by table and key range.
 * - `pending`: what waits for open transactions of the source.
 * - `dead`: what was set aside. `redrive` tries it again, `drop` forgets it: some entries, or `"all"`.
 */
const requestSchema = v.variant(
  "action",
  [
    v.strictObject({ action: v.literal("tick") }),
    v.strictObject({ action: v.literal("status"), table }),
    v.strictObject({ action: v.literal("backfill"), table }),
    v.strictObject({ action: v.literal("verify"), table }),
    v.strictObject({ action: v.literal("repair"), table }),
    v.strictObject({ action: v.literal("drift"), table, limit }),
    v.strictObject({ action: v.literal("pending"), limit }),
    v.strictObject({ action: v.literal("dead"), table, limit }),
    v.strictObject({
      action: v.literal("redrive"),
      table,
      /** Entries up to this one have been tried. */
      after: v.optional(id),
      ids: v.union([ids, v.literal("all")], 'is a list or "all"'),
    }),
    v.strictObject({ action: v.literal("drop"), table, ids: v.union([ids, v.literal("all")], 'is a list or "all"') }),
  ],
  "is one of tick, status, backfill, verify, repair, drift, pending, dead, redrive and drop",
);

export type Request = v.InferOutput<typeof requestSchema>;
export type Operation = Exclude<Request, { action: "tick" }>;

/** A request cannot be carried out as it is. The message says which part is wrong and what may stand there. */
export class RequestError extends Error {
  override readonly name = "RequestError";
}

/**
 * The request in an invocation's payload; `undefined`: it carries none (records come without an `action`).
 *
 * @throws {RequestError}
 */
export function readRequest(event: unknown): Request | undefined {
  if (typeof event !== "object" || event === null || !("action" in event)) return undefined;
  const parsed = v.safeParse(requestSchema, event);
  if (parsed.success) return parsed.output;
  throw new RequestError(`the request cannot be understood: ${parsed.issues.map(describeIssue).join("; ")}`);
}

function describeIssue(issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue) ?? "the request";
  // valibot's own texts quote what was received; that may be anything.
  if (issue.type !== "strict_object") return `${path} ${ruleOf(issue)}`;
  return `${path} ${issue.expected === "never" ? "is not a part of this action" : "is missing"}`;
}

function ruleOf(issue: v.BaseIssue<unknown>): string {
  return issue.message.startsWith("Invalid ") ? `is not ${issue.expected ?? "as expected"}` : issue.message;
}
