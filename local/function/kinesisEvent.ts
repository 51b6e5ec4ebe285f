import { type KinesisStreamEvent } from "aws-lambda";
import { type Stream, type StreamRecord } from "../stream/kinesis";

/** The event that Lambda makes of stream records. */
export function kinesisEvent(
  records: readonly StreamRecord[],
  stream: Pick<Stream, "arn" | "region">,
): KinesisStreamEvent {
  return {
    Records: records.map((record) => ({
      kinesis: {
        kinesisSchemaVersion: "1.0",
        partitionKey: record.partitionKey,
        sequenceNumber: record.sequenceNumber,
        data: record.data.toString("base64"),
        approximateArrivalTimestamp: record.arrivedMs / 1000,
      },
      eventSource: "aws:kinesis",
      eventVersion: "1.0",
      eventID: `${record.shardId}:${record.sequenceNumber}`,
      eventName: "aws:kinesis:record",
      invokeIdentityArn: "arn:aws:iam::000000000000:role/audit-sync-local",
      awsRegion: stream.region,
      eventSourceARN: stream.arn,
    })),
  };
}
