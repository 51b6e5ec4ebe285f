import { randomUUID } from "node:crypto";
import { closeSync, openSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  ListShardsCommand,
  PutRecordsCommand,
  type _Record,
} from "@aws-sdk/client-kinesis";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { freePort } from "../freePort";
import { type GuardedProcess, spawnGuarded } from "../guardedProcess";

export interface StreamRecord {
  readonly shardId: string;
  readonly sequenceNumber: string;
  readonly partitionKey: string;
  readonly data: Buffer;
  readonly arrivedMs: number;
}

/** A Kinesis data stream of a private `kinesis-local`. */
export interface Stream {
  readonly arn: string;
  readonly region: string;
  readonly shardIds: readonly string[];
  /** Puts every record, repeating what the stream refuses for the moment; returns the shard of each. */
  put(records: readonly Buffer[]): Promise<readonly string[]>;
  /** Where reading the shard from its first record begins. */
  firstIterator(shardId: string): Promise<string>;
  read(shardId: string, iterator: string): Promise<{ records: readonly StreamRecord[]; next: string }>;
  stop(): Promise<void>;
}

const streamName = "audit";
const region = "us-east-1";
const startTimeoutMs = 60_000;
const portAttempts = 5;
const putAttempts = 20;

export async function startStream(folder: string, shards: number): Promise<Stream> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    const server = await startServer(folder, port, shards);
    const client = connect(port);
    const shardIds = await waitForShards(client, server, shards);
    if (shardIds !== undefined) return toStream(server, client, shardIds);
    client.destroy();
    // Most likely somebody else took the port since it was found free.
    if (attempt === portAttempts) throw new Error(`kinesis-local did not start; its output is in ${logFile(folder)}`);
  }
}

function logFile(folder: string): string {
  return join(folder, "kinesis.log");
}

async function startServer(folder: string, port: number, shards: number): Promise<GuardedProcess> {
  const script = require.resolve("kinesis-local");
  const log = openSync(logFile(folder), "a", 0o600);
  try {
    return await spawnGuarded(process.execPath, [script], {
      // It looks for its certificate in the working directory.
      cwd: dirname(script),
      env: {
        PATH: process.env["PATH"],
        KINESIS_MOCK_PLAIN_PORT: String(port),
        KINESIS_MOCK_TLS_PORT: String(await freePort()),
        INITIALIZE_STREAMS: `${streamName}:${shards}`,
        CREATE_STREAM_DURATION: "0ms",
        AWS_REGION: region,
        LOG_LEVEL: "WARN",
      },
      stdout: log,
      stderr: log,
    });
  } finally {
    closeSync(log);
  }
}

function connect(port: number): KinesisClient {
  return new KinesisClient({
    endpoint: `http://127.0.0.1:${port}`,
    region,
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    // The SDK's own handler for Kinesis speaks HTTP/2 only. A connection for each request: the server ends idle ones after
    // a minute, at worst in the very moment in which one is used again.
    requestHandler: new NodeHttpHandler({ httpAgent: { keepAlive: false } }),
  });
}

async function waitForShards(
  client: KinesisClient,
  server: GuardedProcess,
  count: number,
): Promise<readonly string[] | undefined> {
  const deadline = Date.now() + startTimeoutMs;
  while (server.running && Date.now() < deadline) {
    const { Shards = [] } = await client
      .send(new ListShardsCommand({ StreamName: streamName }))
      .catch(() => ({ Shards: [] }));
    if (Shards.length === count) return Shards.flatMap(({ ShardId }) => (ShardId === undefined ? [] : [ShardId]));
    await Promise.race([delay(50), server.exited]);
  }
  server.kill();
  return undefined;
}

function toStream(server: GuardedProcess, client: KinesisClient, shardIds: readonly string[]): Stream {
  return {
    arn: `arn:aws:kinesis:${region}:000000000000:stream/${streamName}`,
    region,
    shardIds,
    put: async (records) => {
      const shards: string[] = [];
      for (const batch of putBatches(records)) shards.push(...(await putBatch(client, batch)));
      return shards;
    },
    firstIterator: async (shardId) => {
      const { ShardIterator } = await client.send(
        new GetShardIteratorCommand({
          StreamName: streamName,
          ShardId: shardId,
          ShardIteratorType: "TRIM_HORIZON",
        }),
      );
      return required(ShardIterator);
    },
    read: async (shardId, iterator) => {
      const { Records = [], NextShardIterator } = await client.send(new GetRecordsCommand({ ShardIterator: iterator }));
      return { records: Records.map((record) => toRecord(shardId, record)), next: required(NextShardIterator) };
    },
    stop: async () => {
      client.destroy();
      server.kill();
      await server.exited;
    },
  };
}

/** PutRecords takes at most 500 records and 5 MiB, partition keys included. */
function putBatches(records: readonly Buffer[]): readonly (readonly Buffer[])[] {
  const batches: Buffer[][] = [];
  let bytes = Infinity;
  for (const record of records) {
    const open = batches.at(-1);
    bytes += record.length + 64;
    if (open === undefined || bytes > 5 * 1024 * 1024 || open.length === 500) {
      batches.push([record]);
      bytes = record.length + 64;
    } else {
      open.push(record);
    }
  }
  return batches;
}

/** A response may refuse some of the records (throughput): those are put again until all have arrived. */
async function putBatch(client: KinesisClient, batch: readonly Buffer[]): Promise<readonly string[]> {
  const shards: string[] = [];
  let left = batch;
  for (let attempt = 0; left.length > 0; attempt += 1) {
    if (attempt === putAttempts) throw new Error(`the stream refused ${left.length} records ${putAttempts} times`);
    if (attempt > 0) await delay(Math.min(1000, 50 * 2 ** attempt));
    const { Records = [] } = await client.send(
      new PutRecordsCommand({
        StreamName: streamName,
        // Random keys, as the subscription distributes at random: no shard is hot, no order is kept.
        Records: left.map((data) => ({ Data: data, PartitionKey: randomUUID() })),
      }),
    );
    shards.push(...Records.flatMap(({ ShardId }) => (ShardId === undefined ? [] : [ShardId])));
    left = left.filter((_, index) => Records[index]?.ShardId === undefined);
  }
  return shards;
}

function toRecord(shardId: string, record: _Record): StreamRecord {
  return {
    shardId,
    sequenceNumber: required(record.SequenceNumber),
    partitionKey: required(record.PartitionKey),
    data: Buffer.from(required(record.Data)),
    arrivedMs: required(record.ApproximateArrivalTimestamp).getTime(),
  };
}

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("kinesis-local left out a part of its answer");
  return value;
}
