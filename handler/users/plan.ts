import * as v from "valibot";
import type { Account } from "../contract/databaseUsers";
import { SyncError } from "../errors";

/** What the infrastructure asks the function to make true at one database. */
export interface UsersRequest {
  readonly host: string;
  readonly port: number;
  /** Secrets Manager secret of the administrator, as RDS writes it. */
  readonly administratorSecretArn: string;
  readonly accounts: readonly Account[];
}

const grantSchema = v.strictObject({
  privileges: v.pipe(v.array(v.pipe(v.string(), v.regex(/^[A-Z]+(?:[ _][A-Z]+)*$/))), v.minLength(1)),
  database: v.exactOptional(v.string()),
  table: v.exactOptional(v.string()),
  optional: v.exactOptional(v.literal(true)),
});

const requestSchema = v.strictObject({
  host: v.string(),
  port: v.pipe(v.number(), v.integer()),
  administratorSecretArn: v.string(),
  accounts: v.array(
    v.strictObject({
      name: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,32}$/)),
      // Never a password: it would stand in the function's input, which the stack's state keeps.
      identification: v.strictObject({ type: v.literal("iam") }),
      grants: v.array(grantSchema),
    }),
  ),
});

/** @throws {SyncError} CONFIGURATION_INVALID naming the place; the infrastructure and this function do not match. */
export function parseRequest(event: unknown): UsersRequest {
  const parsed = v.safeParse(requestSchema, event);
  if (parsed.success) return parsed.output;
  const places = parsed.issues.map((issue) => `${v.getDotPath(issue) ?? "the event"}: ${issue.message}`);
  throw new SyncError("CONFIGURATION_INVALID", `the users cannot be read from the event: ${places.join("; ")}`);
}
