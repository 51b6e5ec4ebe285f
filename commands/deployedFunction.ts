/** Functions on AWS, invoked with the credentials that the AWS SDK finds. */
import { InvokeCommand, LambdaClient, ResourceNotFoundException } from "@aws-sdk/client-lambda";
import * as v from "valibot";
import { UsageError } from "./arguments";
import { failureBucket } from "./failureBucket";
import { FunctionError, type SyncFunction } from "./syncFunction";

/** Milliseconds: the longest that a function may run. */
const longestRunMs = 900_000;

export interface DeployedFunction {
  readonly target: string;
  readonly functionName: string;
  readonly failureBucket: string | undefined;
}

export function deployedFunction(deployed: DeployedFunction, region: string | undefined): SyncFunction {
  const client = new LambdaClient({
    ...(region === undefined ? {} : { region }),
    requestHandler: { requestTimeout: longestRunMs, socketTimeout: longestRunMs },
  });
  const { target, functionName } = deployed;
  return {
    name: target,
    failures: deployed.failureBucket === undefined ? undefined : failureBucket(deployed.failureBucket, region),
    invoke: async (payload) => {
      const { FunctionError: failed, Payload: bytes } = await send(client, functionName, payload);
      const answer: unknown = bytes === undefined ? null : JSON.parse(Buffer.from(bytes).toString("utf8"));
      if (failed !== undefined) throw errorOf(target, answer);
      return answer;
    },
  };
}

async function send(client: LambdaClient, functionName: string, payload: unknown) {
  try {
    return await client.send(
      new InvokeCommand({ FunctionName: functionName, Payload: Buffer.from(JSON.stringify(payload)) }),
    );
  } catch (error) {
    if (error instanceof ResourceNotFoundException) {
      throw new UsageError(
        `there is no function ${functionName} in this account and region; check --function or --region`,
      );
    }
    throw new UsageError(`the function ${functionName} cannot be invoked: ${(error as Error).message}`);
  }
}

const errorSchema = v.object({ errorType: v.optional(v.string(), ""), errorMessage: v.string() });

function errorOf(target: string, answer: unknown): FunctionError {
  const parsed = v.safeParse(errorSchema, answer);
  if (!parsed.success) return new FunctionError(`${target}: the function failed; see its log`, "");
  return new FunctionError(`${target}: ${parsed.output.errorMessage}`, parsed.output.errorType);
}
