import type { Answers } from "../handler/operate/operate";
import type { Operation } from "../handler/operate/request";
import type { FailureStore } from "./failures";

/** The function of one target, wherever it runs. */
export interface SyncFunction {
  /** Its target, as far as it is known before it was asked. */
  readonly name: string;
  /** Records that were given up; `undefined`: it is not known where they are. */
  readonly failures: FailureStore | undefined;
  /**
   * Invokes it with a payload and waits for the answer.
   *
   * @throws {FunctionError} when the function itself failed.
   */
  invoke(payload: unknown): Promise<unknown>;
}

/** The function was reached and failed. */
export class FunctionError extends Error {
  override readonly name = "FunctionError";
  /** It refused the request as it was given: a table that it does not have, say. */
  readonly refused: boolean;

  constructor(message: string, errorName: string) {
    super(message);
    this.refused = errorName === "RequestError";
  }
}

/** What an action takes besides its name. */
type Parameters<A extends Operation["action"]> = Partial<Omit<Extract<Operation, { action: A }>, "action">>;

/** Leaves out what is `undefined`, which JSON does not have. */
export async function ask<A extends Operation["action"]>(
  target: SyncFunction,
  action: A,
  parameters: Parameters<A>,
): Promise<Answers[A]> {
  // The function is of this project, and its answers are of these shapes.
  return (await target.invoke({ action, ...parameters })) as Answers[A];
}
