/**
 * What Lambda's runtime is to the function: loads the bundle from the working directory and runs one event at a time.
 * Runs as a process of its own, beside a copy of the bundle that is deployed.
 */
import { createRequire } from "node:module";
import { join } from "node:path";
import { type Context } from "aws-lambda";

export interface Invocation {
  readonly requestId: string;
  readonly event: unknown;
  readonly deadlineMs: number;
}

export type InvocationResult =
  { readonly requestId: string; readonly response: unknown } | { readonly requestId: string; readonly error: string };

/** Without the callbacks of a time before promises. */
type InvocationContext = Omit<Context, "done" | "fail" | "succeed">;

interface Bundle {
  handler(event: unknown, context: InvocationContext): Promise<unknown>;
}

const bundle = createRequire(join(process.cwd(), "/"))("./index.js") as Bundle;

process.on("message", (invocation: Invocation) => {
  void run(invocation).then((result) => process.send?.(result));
});
process.on("disconnect", () => {
  process.exit();
});

async function run({ requestId, event, deadlineMs }: Invocation): Promise<InvocationResult> {
  try {
    const response = (await bundle.handler(event, context(requestId, deadlineMs))) ?? null;
    return { requestId, response };
  } catch (error) {
    return { requestId, error: error instanceof Error ? describe(error) : String(error) };
  }
}

/** A stack begins with the class that made it, which is not always the error's own name. */
function describe({ name, message, stack = "" }: Error): string {
  const places = stack.split("\n").filter((line) => line.startsWith("    at "));
  return [`${name}: ${message}`, ...places].join("\n");
}

function context(awsRequestId: string, deadlineMs: number): InvocationContext {
  const functionName = process.env["AWS_LAMBDA_FUNCTION_NAME"] ?? "";
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName,
    functionVersion: "$LATEST",
    invokedFunctionArn: `arn:aws:lambda:us-east-1:000000000000:function:${functionName}`,
    memoryLimitInMB: process.env["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] ?? "",
    awsRequestId,
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: "local",
    getRemainingTimeInMillis: () => Math.max(0, deadlineMs - Date.now()),
  };
}
