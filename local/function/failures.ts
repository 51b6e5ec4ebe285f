import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type KinesisStreamEvent } from "aws-lambda";

/**
 * Writes what an event source mapping gave up on as Lambda writes it to a failure destination on S3.
 * https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
 */
export function keepFailure(folder: string, event: KinesisStreamEvent): void {
  mkdirSync(folder, { recursive: true });
  const failure = {
    requestContext: { condition: "RetryAttemptsExhausted" },
    version: "1.0",
    timestamp: new Date().toISOString(),
    KinesisBatchInfo: { batchSize: event.Records.length },
    payload: JSON.stringify(event),
  };
  writeFileSync(join(folder, `${Date.now()}-${process.hrtime.bigint()}.json`), JSON.stringify(failure));
}
