/** Hands in again what Lambda gave up on. */
import { UsageError } from "./arguments";
import { eventOf } from "./failures";
import { bar, type Screen } from "./screen";
import { FunctionError, type SyncFunction } from "./syncFunction";

export interface Replayed {
  readonly target: string;
  /** Applied, and gone from the failure destination. */
  readonly applied: number;
  /** Still there: the function did not finish them, or they are no events. */
  readonly left: readonly { readonly name: string; readonly problem: string }[];
}

/** Every failure is its own invocation; it is removed only after the function has acknowledged all of it. */
export async function replay(target: SyncFunction, screen: Screen): Promise<Replayed> {
  const { failures, name } = target;
  if (failures === undefined) {
    throw new UsageError(`the failure bucket of ${name} is not known; name it with --failure-bucket`);
  }
  const names = await failures.list();
  const left: { name: string; problem: string }[] = [];
  for (const [index, failure] of names.entries()) {
    screen.progress([`${name.padEnd(12)} ${bar(index / names.length)}  ${index} of ${names.length} batches`]);
    const problem = await handIn(target, await failures.read(failure));
    if (problem === undefined) await failures.remove(failure);
    else left.push({ name: failure, problem });
  }
  screen.clear();
  return { target: name, applied: names.length - left.length, left };
}

/** Returns why it is not done; `undefined`: it is. */
async function handIn(target: SyncFunction, text: string): Promise<string | undefined> {
  const event = eventOf(text);
  if (event === undefined) return "it is not a failure that Lambda wrote";
  try {
    const answer = await target.invoke(event);
    return isAcknowledged(answer) ? undefined : "the function could not apply it; its log says why";
  } catch (error) {
    if (error instanceof FunctionError) return error.message;
    throw error;
  }
}

/** Only what the handler says after a whole batch. */
function isAcknowledged(answer: unknown): boolean {
  if (typeof answer !== "object" || answer === null || !("batchItemFailures" in answer)) return false;
  return Array.isArray(answer.batchItemFailures) && answer.batchItemFailures.length === 0;
}
