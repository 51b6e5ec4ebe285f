import { expect } from "chai";
import { type CloudWatchLogsEvent, type KinesisStreamEvent } from "aws-lambda";
import { decodeInput } from "../../event/decode/decodeInput";
import { encodeEvent } from "../../event/encode/encodeEvent";
import { Unusable } from "../../event/unusable";
import { decodeEnvelope, type DataEnvelope } from "../../handler/log/envelope";
import { readLogSources } from "../../handler/log/event";

const nowMs = Date.UTC(2026, 10, 25, 12, 30, 15);
const lines = [
  "20230501 10:02:19,ip-10-1-3-230,app,10.1.2.3,8,77,QUERY,shop,'UPDATE orders SET note=\\'Zürich 🎉\\\\n\\' WHERE id=7',0",
  "1673540000123456,cluster-writer,app,10.1.2.3,9,78,WRITE,shop,orders,",
  "20230501 10:02:20,ip-10-1-3-230,app,10.1.2.3,8,79,QUERY,shop,'half a text",
  "not an audit line, but\ttext in the log",
];

function encode(text: string, direct = false): KinesisStreamEvent | CloudWatchLogsEvent {
  return encodeEvent(Buffer.from(text), { direct, nowMs });
}

function envelopes(event: unknown): readonly DataEnvelope[] {
  return readLogSources(event).map(({ data }) => decodeEnvelope(data) as DataEnvelope);
}

function messages(event: unknown): readonly string[] {
  return envelopes(event).flatMap(({ events }) => events.map(({ message }) => message));
}

function decodedLines(event: unknown): string {
  return [...decodeInput(Buffer.from(JSON.stringify(event)), "lines")].map((line) => `${line}\n`).join("");
}

describe("encode", () => {
  it("keeps audit lines byte for byte in a Kinesis event", () => {
    const event = encode(`${lines.join("\n")}\n`);

    expect(messages(event)).to.deep.equal(lines);
    expect(decodedLines(event)).to.equal(`${lines.join("\n")}\n`);
  });

  it("keeps audit lines byte for byte in a CloudWatch Logs event", () => {
    const event = encode(lines.join("\n"), true);

    expect(Object.keys(event)).to.deep.equal(["awslogs"]);
    expect(messages(event)).to.deep.equal(lines);
  });

  it("gives each log event the time of its record, and the present to what has none", () => {
    const [envelope] = envelopes(encode(lines.join("\n")));

    expect(envelope?.events.map(({ timestamp }) => timestamp)).to.deep.equal([
      Date.UTC(2023, 4, 1, 10, 2, 19),
      1673540000123,
      Date.UTC(2023, 4, 1, 10, 2, 20),
      nowMs,
    ]);
  });

  it("makes records that Lambda would deliver", () => {
    const { Records: records } = encode(lines.join("\n")) as KinesisStreamEvent;

    expect(records).to.have.length(1);
    expect(records[0]).to.deep.include({ eventSource: "aws:kinesis", eventVersion: "1.0", awsRegion: "us-east-1" });
    expect(records[0]?.kinesis.sequenceNumber).to.match(/^\d{56}$/u);
    expect(records[0]?.kinesis.approximateArrivalTimestamp).to.equal(nowMs / 1000);
  });

  it("puts what does not fit into one envelope into several records", () => {
    const many = Array.from({ length: 1200 }, () => lines[0]).join("\n");

    expect((encode(many) as KinesisStreamEvent).Records).to.have.length(3);
    expect(messages(encode(many))).to.have.length(1200);
    expect(() => encode(many, true)).to.throw(Unusable, "need more than one envelope");
  });

  it("makes audit lines of SQL, each with the default database that USE named", () => {
    const sql = [
      "-- what the shop does",
      "USE shop;",
      "INSERT INTO a VALUES ('it''s; not\tthe end\\n');",
      "DELIMITER //",
      "CREATE TRIGGER t AFTER INSERT ON a FOR EACH ROW BEGIN UPDATE b SET x = 1; END//",
      "DELIMITER ;",
      "use `other``db`;",
      'UPDATE `x;y` /* ; */ SET `é` = "🎉;" # ;',
    ].join("\n");

    expect(messages(encode(sql))).to.deep.equal([
      "20261125 12:30:15,ip-10-0-0-1,app,10.0.0.7,8,1,QUERY,shop,'INSERT INTO a VALUES (\\'it\\'\\'s; not\\tthe end\\\\n\\')',0",
      "20261125 12:30:15,ip-10-0-0-1,app,10.0.0.7,8,2,QUERY,shop,'CREATE TRIGGER t AFTER INSERT ON a FOR EACH ROW BEGIN UPDATE b SET x = 1; END',0",
      "20261125 12:30:15,ip-10-0-0-1,app,10.0.0.7,8,3,QUERY,other`db,'UPDATE `x;y` /* ; */ SET `é` = \"🎉;\" # ;',0",
    ]);
  });

  it("takes time in proportion to SQL that never ends", () => {
    const text = `SELECT '${"x".repeat(500_000)}`;

    expect(messages(encode(text))[0]).to.contain("xxx',0");
    expect(messages(encode(`SELECT ${"(".repeat(200_000)}`))).to.have.length(1);
  }).timeout(20_000);

  it("refuses what it cannot use, and says what to do", () => {
    const refused = (text: string): string => {
      try {
        encode(text);
      } catch (error) {
        expect(error).to.be.instanceOf(Unusable);
        return (error as Error).message;
      }
      throw new Error("accepted");
    };

    expect(refused('{"Records":[]}')).to.contain("an event is read by npm run event -- decode");
    expect(refused("\n>>> text")).to.contain("line 2 of the input begins neither an audit line nor an SQL statement");
    expect(refused("-- only a comment\n")).to.contain("no statement in it");
    expect(refused(`20230501 10:02:19,h,u,h,1,2,QUERY,d,'${"x".repeat(1_100_000)}',0`)).to.contain(
      "CloudWatch Logs takes 1048550",
    );
  });
});
