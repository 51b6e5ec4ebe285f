/** From the arguments of `npm run sync` to its exit status. */
import { inspect } from "node:util";
import { parseCommand, UsageError, type Command } from "./arguments";
import { deployedFunction } from "./deployedFunction";
import { helpText } from "./help";
import { localFunctions } from "./localFunction";
import { createScreen, type Output } from "./screen";
import { readStack } from "./stack";
import { ask, FunctionError, type SyncFunction } from "./syncFunction";
import { runVerb } from "./verbs";

const exitStatus = { fine: 0, notFine: 1, unusable: 2 } as const;

export interface Outputs {
  readonly out: Output;
  readonly err: Output;
}

/** Runs a command and returns its exit status; what went wrong is said on `err`. */
export async function runCommand(args: readonly string[], outputs: Outputs): Promise<number> {
  try {
    const command = parseCommand(args);
    if (command === "help") {
      outputs.out.write(helpText);
      return exitStatus.fine;
    }
    return await run(command, outputs);
  } catch (error) {
    const known = error instanceof UsageError || error instanceof FunctionError;
    // A defect shows its stack; what the user can mend does not.
    outputs.err.write(`${known ? error.message : inspect(error)}\n`);
    const unusable = error instanceof UsageError || (error instanceof FunctionError && error.refused);
    return unusable ? exitStatus.unusable : exitStatus.notFine;
  }
}

async function run(command: Command, { out, err }: Outputs): Promise<number> {
  const screen = createScreen({ json: command.json, out, err });
  const targets = await withTable(chooseTargets(await findFunctions(command), command.target), command.table);
  const result = await runVerb(command, targets, screen);
  if (command.json) out.write(`${JSON.stringify({ fine: result.fine, targets: result.targets })}\n`);
  return result.fine ? exitStatus.fine : exitStatus.notFine;
}

async function findFunctions({ place, target }: Command): Promise<readonly SyncFunction[]> {
  switch (place.kind) {
    case "local":
      return await localFunctions(place.workspace);
    case "function":
      return [
        deployedFunction(
          { target: target ?? place.name, functionName: place.name, failureBucket: place.failureBucket },
          place.region,
        ),
      ];
    case "stack": {
      const { functions, region } = await readStack(place.stack);
      return functions.map((deployed) => deployedFunction(deployed, place.region ?? region));
    }
  }
}

/**
 * Of several targets those that have the table.
 *
 * @throws {FunctionError} what the last one said, when none has it.
 */
async function withTable(
  targets: readonly SyncFunction[],
  table: string | undefined,
): Promise<readonly SyncFunction[]> {
  if (table === undefined || targets.length < 2) return targets;
  const having: SyncFunction[] = [];
  let refusal: unknown;
  for (const target of targets) {
    try {
      await ask(target, "status", { table });
      having.push(target);
    } catch (error) {
      if (!(error instanceof FunctionError) || !error.refused) throw error;
      refusal = error;
    }
  }
  if (having.length === 0) throw refusal;
  return having;
}

/** @throws {UsageError} naming the targets that there are. */
function chooseTargets(targets: readonly SyncFunction[], wanted: string | undefined): readonly SyncFunction[] {
  if (wanted === undefined) return targets;
  const chosen = targets.filter(({ name }) => name === wanted);
  if (chosen.length > 0) return chosen;
  throw new UsageError(`there is no target ${wanted}; use one of ${targets.map(({ name }) => name).join(", ")}`);
}
