/** JSON that carries envelopes, by its shape. */
import { decodeEnvelope, EnvelopeError } from "../../handler/log/envelope";
import { Unusable } from "../unusable";
import { type Part, readBase64, readPayload } from "./payload";

const kinds =
  "a Kinesis event (Records[].kinesis.data), the output of aws kinesis get-records (Records[].Data), a CloudWatch Logs " +
  "event (awslogs.data), an envelope (messageType, logEvents) or an object of a failure bucket (payload)";

/** @throws {Unusable} when it is not complete or of another shape. */
export function readJson(text: string): readonly Part[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // JSON.parse quotes its input in its message.
    throw new Unusable("the input begins like JSON, but is not complete JSON; give all of it, and nothing beside it");
  }
  return readValue(value, "the input");
}

function readValue(value: unknown, place: string): readonly Part[] {
  if (typeof value === "string") return readBase64(value.trim());
  if (Array.isArray(value)) return value.flatMap((item, index) => readRecord(item, `${place}[${index}]`));
  if (!isObject(value)) throw unknownShape(place, value);
  const { Records: records, awslogs, payload, messageType } = value;
  if (Array.isArray(records)) return records.flatMap((item, index) => readRecord(item, `Records[${index}]`));
  if (isObject(awslogs)) return readData(awslogs["data"], "awslogs.data");
  // Lambda keeps the event that it gave up as a text inside the JSON.
  if (typeof payload === "string") return readJson(payload);
  if (isObject(payload)) return readValue(payload, "payload");
  if (messageType !== undefined) return readEnvelope(value);
  return readRecord(value, place);
}

function readRecord(record: unknown, place: string): readonly Part[] {
  if (typeof record === "string") return readBase64(record);
  if (!isObject(record)) throw unknownShape(place, record);
  const { kinesis, Data: data } = record;
  if (isObject(kinesis)) return readData(kinesis["data"], `${place}.kinesis.data`);
  if (data !== undefined) return readData(data, `${place}.Data`);
  throw unknownShape(place, record);
}

function readData(data: unknown, place: string): readonly Part[] {
  if (typeof data !== "string") throw new Unusable(`${place} is no base64 text; the input has to be ${kinds}`);
  return readBase64(data);
}

function readEnvelope(value: object): readonly Part[] {
  const bytes = Buffer.from(JSON.stringify(value));
  try {
    decodeEnvelope(bytes);
  } catch (error) {
    if (error instanceof EnvelopeError) throw new Unusable(error.message);
    throw error;
  }
  return readPayload(bytes, bytes.toString());
}

/** Names what came by its keys only: an unknown input could hold anything. */
function unknownShape(place: string, value: unknown): Unusable {
  const keys = isObject(value) ? Object.keys(value).slice(0, 8) : undefined;
  const shape =
    keys === undefined ? (value === null ? "null" : typeof value) : `an object with ${keys.join(", ") || "no keys"}`;
  return new Unusable(`${place} is ${shape}; it has to be ${kinds}`);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
