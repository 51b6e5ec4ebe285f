/** What Lambda gave up on, as it lies in the failure destination: the whole event with the circumstances. */
import * as v from "valibot";

export interface FailureStore {
  /** Names of what is there, the oldest first. */
  list(): Promise<readonly string[]>;
  read(name: string): Promise<string>;
  remove(name: string): Promise<void>;
}

/**
 * An event source mapping writes the event as `payload` (as text), an asynchronous invocation as `requestPayload`.
 * https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
 */
const failureSchema = v.looseObject({ payload: v.optional(v.unknown()), requestPayload: v.optional(v.unknown()) });

/** The event of a failure; `undefined`: the object is not one. */
export function eventOf(text: string): unknown {
  const failure = v.safeParse(v.pipe(v.string(), v.parseJson(), failureSchema), text);
  if (!failure.success) return undefined;
  const { payload, requestPayload } = failure.output;
  const event = payload ?? requestPayload;
  if (typeof event !== "string") return event;
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson()), event);
  return parsed.success ? parsed.output : undefined;
}
