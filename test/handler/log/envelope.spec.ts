import { gzipSync } from "node:zlib";
import { expect } from "chai";
import { decodeEnvelope, EnvelopeError, envelopeLimitBytes } from "../../../handler/log/envelope";
import { EventError, readLogSources } from "../../../handler/log/event";

const events = [{ id: "3685", timestamp: 1717156801123, message: "a line" }];
const envelope = {
  messageType: "DATA_MESSAGE",
  owner: "123456789012",
  logGroup: "/aws/rds/cluster/shop/audit",
  logStream: "shop-1.audit.log.0.2024-05-31-12-00.0.1",
  subscriptionFilters: ["sync"],
  logEvents: events,
};

function packed(value: unknown): Buffer {
  return gzipSync(typeof value === "string" ? value : JSON.stringify(value));
}

function codeOf(data: string | Uint8Array, limitBytes?: number): string {
  try {
    return decodeEnvelope(data, limitBytes).kind;
  } catch (error) {
    if (error instanceof EnvelopeError) return error.code;
    throw error;
  }
}

describe("decodeEnvelope", () => {
  it("reads a delivery of CloudWatch Logs from base64 and from bytes", () => {
    const expected = {
      kind: "data",
      logGroup: envelope.logGroup,
      logStream: envelope.logStream,
      owner: envelope.owner,
      events,
    };

    expect(decodeEnvelope(packed(envelope).toString("base64"))).to.deep.equal(expected);
    expect(decodeEnvelope(packed(envelope))).to.deep.equal(expected);
    expect(decodeEnvelope(Buffer.from(JSON.stringify(envelope)))).to.deep.equal(expected);
  });

  it("knows the health check, under either type", () => {
    const text = "CWL CONTROL MESSAGE: Checking health of destination Kinesis stream.";

    expect(codeOf(packed({ messageType: "CONTROL_MESSAGE" }))).to.equal("control");
    expect(codeOf(packed({ ...envelope, logEvents: [{ id: "", timestamp: 1, message: text }] }))).to.equal("control");
  });

  it("says by a code what is wrong with anything else", () => {
    const whole = packed(envelope);
    const damaged = Buffer.from(whole);
    damaged[20] = (damaged[20] ?? 0) ^ 0xff;
    damaged[21] = (damaged[21] ?? 0) ^ 0xff;

    expect(codeOf(Buffer.from("hello"))).to.equal("ENVELOPE_NOT_GZIP");
    expect(codeOf(damaged)).to.equal("ENVELOPE_CORRUPT");
    expect(codeOf(whole.subarray(0, -20))).to.equal("ENVELOPE_TRUNCATED");
    expect(codeOf(packed("x".repeat(2000)), 1000)).to.equal("ENVELOPE_TOO_LARGE");
    expect(codeOf(packed("hello"))).to.equal("ENVELOPE_NOT_JSON");
    expect(codeOf(packed({ ...envelope, logEvents: [{ id: 1 }] }))).to.equal("ENVELOPE_MALFORMED");
    expect(codeOf(packed(null))).to.equal("ENVELOPE_MALFORMED");
  });

  it("stops unpacking at the limit", () => {
    const bomb = gzipSync(Buffer.alloc(envelopeLimitBytes + 1), { level: 1 });

    expect(bomb.length).to.be.lessThan(envelopeLimitBytes / 100);
    expect(codeOf(bomb)).to.equal("ENVELOPE_TOO_LARGE");
  });

  it("never tells what an envelope holds", () => {
    expect(() => decodeEnvelope(packed("{secret")))
      .to.throw(EnvelopeError)
      .that.does.not.match(/secret/u);
  });
});

describe("readLogSources", () => {
  it("gives the records of a Kinesis event in their order, and a CloudWatch Logs event without a position", () => {
    const kinesis = { Records: ["1", "2"].map((sequenceNumber) => ({ kinesis: { sequenceNumber, data: "QQ==" } })) };

    expect(readLogSources(kinesis)).to.deep.equal([
      { sequenceNumber: "1", data: "QQ==" },
      { sequenceNumber: "2", data: "QQ==" },
    ]);
    expect(readLogSources({ awslogs: { data: "QQ==" } })).to.deep.equal([{ sequenceNumber: undefined, data: "QQ==" }]);
  });

  it("names the keys of any other event, and none of its values", () => {
    const refused = (event: unknown): string => {
      try {
        readLogSources(event);
      } catch (error) {
        if (error instanceof EventError) return error.message;
      }
      return "accepted";
    };

    expect(refused({ secret: "value" }))
      .to.include("the keys secret")
      .and.not.include("value");
    expect(refused({ Records: [{ kinesis: { data: "QQ==" } }] })).to.include("Records[0].kinesis with the keys data");
    expect(refused(null)).to.include("found null");
  });
});
