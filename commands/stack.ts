/** The functions of a deployed stack, by its outputs. */
import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { promisify } from "node:util";
import * as v from "valibot";
import { UsageError } from "./arguments";

const run = promisify(execFile);
const projectRoot = resolve(__dirname, "..");

const outputsSchema = v.object({
  functions: v.record(v.string(), v.string()),
  failureBuckets: v.record(v.string(), v.string()),
  alarmTopic: v.optional(v.string()),
});

export interface StackFunction {
  readonly target: string;
  readonly functionName: string;
  readonly failureBucket: string | undefined;
}

export interface StackFunctions {
  readonly functions: readonly StackFunction[];
  /** Region of the stack; `undefined`: it does not tell. */
  readonly region: string | undefined;
}

/** @throws {UsageError} when the stack or the pulumi command cannot be used. */
export async function readStack(stack: string): Promise<StackFunctions> {
  const parsed = v.safeParse(outputsSchema, await readOutputs(stack));
  if (!parsed.success) {
    throw new UsageError(`stack ${stack} has no outputs functions and failureBuckets; deploy it with pulumi up first`);
  }
  const { functions, failureBuckets, alarmTopic } = parsed.output;
  return {
    functions: Object.entries(functions).map(([target, functionName]) => ({
      target,
      functionName,
      failureBucket: failureBuckets[target],
    })),
    // arn:aws:sns:<region>:<account>:<name>
    region: alarmTopic?.split(":")[3],
  };
}

async function readOutputs(stack: string): Promise<unknown> {
  let stdout: string;
  try {
    ({ stdout } = await run("pulumi", ["stack", "output", "--json", "--stack", stack], { cwd: projectRoot }));
  } catch (error) {
    const { code, stderr } = error as { code?: unknown; stderr?: unknown };
    if (code === "ENOENT") {
      throw new UsageError("the pulumi command is not installed; install it, or name the function with --function");
    }
    const said = typeof stderr === "string" ? stderr.trim().split("\n")[0] : undefined;
    throw new UsageError(`pulumi does not give the outputs of stack ${stack}: ${said ?? "no message"}`);
  }
  return JSON.parse(stdout) as unknown;
}
