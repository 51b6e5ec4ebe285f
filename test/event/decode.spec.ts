import { expect } from "chai";
import { gzipSync } from "node:zlib";
import { decodeInput } from "../../event/decode/decodeInput";
import { textTouches } from "../../event/decode/textTouches";
import { Unusable } from "../../event/unusable";
import { envelopeLimitBytes } from "../../handler/log/envelope";

const line = "20230501 10:02:19,ip-10-1-3-230,app,10.1.2.3,8,9007199254740993,QUERY,shop,'DELETE FROM orders',0";
const description = {
  time: "2023-05-01T10:02:19.000Z",
  serverHost: "ip-10-1-3-230",
  user: "app",
  host: "10.1.2.3",
  connectionId: "8",
  queryId: "9007199254740993",
  operation: "QUERY",
  database: "shop",
  object: "DELETE FROM orders",
  retcode: 0,
  dialect: "mariadb",
  truncated: false,
  touches: [{ kind: "table", table: { database: "shop", table: "orders" }, operation: "delete" }],
};

function decode(input: string | Buffer): readonly unknown[] {
  return [...decodeInput(Buffer.from(input), textTouches)].map((text) => JSON.parse(text) as unknown);
}

function envelope(...messages: readonly string[]): string {
  return JSON.stringify({
    messageType: "DATA_MESSAGE",
    owner: "123456789012",
    logGroup: "/aws/rds/cluster/shop/audit",
    logStream: "shop.audit.log.0",
    subscriptionFilters: ["audit"],
    logEvents: messages.map((message, index) => ({ id: String(index), timestamp: 1_700_000_000_000, message })),
  });
}

function packed(...messages: readonly string[]): string {
  return gzipSync(envelope(...messages)).toString("base64");
}

function kinesisEvent(...data: readonly string[]): string {
  return JSON.stringify({ Records: data.map((text) => ({ kinesis: { sequenceNumber: "1", data: text } })) });
}

function touches(text: string, retcode = 0): unknown {
  const escaped = text.replace(/['\\]/gu, "\\$&");
  const [record] = decode(`20230501 10:02:19,h,u,h,8,1,QUERY,shop,'${escaped}',${retcode}`);
  return (record as { touches: unknown }).touches;
}

describe("decode", () => {
  it("describes a record with these keys in this order", () => {
    expect(decode(line)).to.deep.equal([description]);
    expect([...decodeInput(Buffer.from(line), textTouches)]).to.deep.equal([JSON.stringify(description)]);
  });

  const inputs: Readonly<Record<string, string | Buffer>> = {
    "a Kinesis event": kinesisEvent(packed(line)),
    "a Kinesis event that is broken into lines": JSON.stringify(JSON.parse(kinesisEvent(packed(line))), undefined, 2),
    "a single record of one": JSON.stringify({ kinesis: { data: packed(line) } }),
    "a CloudWatch Logs event": JSON.stringify({ awslogs: { data: packed(line) } }),
    "the output of get-records": JSON.stringify({
      Records: [{ SequenceNumber: "1", Data: packed(line), PartitionKey: "k" }],
      NextShardIterator: "AAAA",
      MillisBehindLatest: 0,
    }),
    "its data alone": JSON.stringify([packed(line)]),
    "an object of a failure bucket": JSON.stringify({
      requestContext: { condition: "RetryAttemptsExhausted" },
      KinesisBatchInfo: { shardId: "shardId-000000000000" },
      payload: kinesisEvent(packed(line)),
    }),
    "base64 of gzip": packed(line),
    "base64 of gzip in lines of 76": packed(line).replace(/.{76}/gu, "$&\n"),
    "base64 in quotes": JSON.stringify(packed(line)),
    "base64 of an envelope without gzip": Buffer.from(envelope(line)).toString("base64"),
    "base64 of audit lines": Buffer.from(`${line}\n`).toString("base64"),
    "base64 of gzip of audit lines": gzipSync(`${line}\n`).toString("base64"),
    "gzip itself": gzipSync(envelope(line)),
    "an envelope": envelope(line),
    "audit lines": `${line}\n`,
    "audit lines with Windows' line ends": `${line}\r\n\r\n`,
    "audit lines behind a byte order mark": `\ufeff${line}\n`,
  };
  for (const [name, input] of Object.entries(inputs)) {
    it(`reads ${name}`, () => {
      expect(decode(input)).to.deep.equal([description]);
    });
  }

  it("reads several base64 texts, one after the other", () => {
    expect(decode(`${packed(line)}\t${packed(line, line)}\n`)).to.have.length(3);
  });

  it("reads no records out of an empty answer", () => {
    expect(decode(JSON.stringify({ Records: [], MillisBehindLatest: 0 }))).to.deep.equal([]);
  });

  it("says null for what a record does not have, and keeps an empty text", () => {
    const [table, session, query] = decode(
      [
        "1673540000123456,writer,app,10.1.2.3,9,78,WRITE,shop,orders,",
        "20230501 10:02:19,h,,,8,0,FAILED_CONNECT,,,1158",
        "20230501 10:02:19,h,u,h,8,1,QUERY,,'',1065",
      ].join("\n"),
    );

    expect(table).to.deep.include({ time: "2023-01-12T16:13:20.123Z", dialect: "aurora", retcode: null, touches: [] });
    expect(session).to.deep.include({ user: null, host: null, database: null, object: null, retcode: 1158 });
    expect(query).to.deep.include({ database: null, object: "", retcode: 1065, touches: [] });
  });

  it("keeps UTF-8 and every control character exactly", () => {
    const text = "SELECT '\u0000\u000b\u001a é 🎉 \u2028 \\\\ \\n\\t'";
    const [record] = decode(
      kinesisEvent(packed(`20230501 10:02:19,h,ü,h,8,1,QUERY,シ,'${text.replaceAll("'", "\\'")}',0`)),
    );

    expect(record).to.deep.include({
      user: "ü",
      database: "シ",
      object: "SELECT '\u0000\u000b\u001a é 🎉 \u2028 \\ \n\t'",
    });
  });

  it("says that a text may have been cut", () => {
    const text = `INSERT INTO t VALUES (${"1".repeat(1000)}`;
    const [record] = decode(`20230501 10:02:19,h,u,h,8,1,QUERY,shop,'${text.padEnd(1024, "1")}',0`);

    expect(record).to.deep.include({ truncated: true });
    expect((record as { touches: unknown[] }).touches).to.deep.equal([
      { kind: "all", table: null, reason: "truncated" },
    ]);
  });

  it("gives what is no audit record as it came, with the reason", () => {
    expect(decode(["no record", line, "20230501 10:02:19,h,u,h,8,1,QUERY,d,'text'"].join("\n"))).to.deep.equal([
      {
        raw: "no record",
        reason: "no-head: not an audit record, which has a connection id, a query id and an operation in a row",
      },
      description,
      {
        raw: "20230501 10:02:19,h,u,h,8,1,QUERY,d,'text'",
        reason: "no-retcode: the record does not end with a return code",
      },
    ]);
  });

  it("goes on behind data that cannot be unpacked", () => {
    const cut = packed(line).slice(0, 60);
    const bomb = gzipSync(Buffer.alloc(envelopeLimitBytes + 1, 0x20)).toString("base64");
    const noText = Buffer.from([0xff, 0xfe, 0xfd]).toString("base64");
    const other = gzipSync('{"a":1}').toString("base64");

    const parts = decode(kinesisEvent(cut, bomb, noText, other, "!?", packed(line)));

    expect(parts.map((part) => (part as { reason?: string }).reason?.split(":")[0])).to.deep.equal([
      "ENVELOPE_TRUNCATED",
      "ENVELOPE_TOO_LARGE",
      "ENVELOPE_NOT_GZIP",
      "ENVELOPE_MALFORMED",
      "the data is not base64 text",
      undefined,
    ]);
    expect(parts.slice(0, 5).map((part) => (part as { raw: string }).raw)).to.deep.equal([
      cut,
      bomb,
      noText,
      other,
      "!?",
    ]);
    expect(parts[5]).to.deep.equal(description);
  });

  it("tells a control message apart", () => {
    const control = {
      messageType: "CONTROL_MESSAGE",
      owner: "CloudwatchLogs",
      logGroup: "",
      logStream: "",
      subscriptionFilters: [],
      logEvents: [
        { id: "", timestamp: 1, message: "CWL CONTROL MESSAGE: Checking health of destination Kinesis stream." },
      ],
    };

    expect(decode(gzipSync(JSON.stringify(control)))).to.deep.equal([
      {
        raw: JSON.stringify(control),
        reason: "a control message: CloudWatch Logs only tests whether it can reach the destination",
      },
    ]);
  });

  it("names tables as far as the text tells", () => {
    const table = (database: string, name: string, operation: string, assigns?: readonly string[]): unknown => ({
      kind: "table",
      table: { database, table: name },
      operation,
      ...(assigns && { assigns }),
    });
    const whole = (database: string, name: string): unknown => ({
      kind: "all",
      table: { database, table: name },
      reason: "ddl",
    });

    expect(touches("UPDATE orders SET Status='paid' WHERE id=7")).to.deep.equal([
      table("shop", "orders", "update", ["status"]),
    ]);
    expect(touches("DELETE FROM crm.`a.b` WHERE id IN (1, 2)")).to.deep.equal([table("crm", "a.b", "delete")]);
    expect(touches("REPLACE INTO t SELECT * FROM u")).to.deep.equal([table("shop", "t", "replace")]);
    expect(touches("CREATE TABLE t (id INT PRIMARY KEY)")).to.deep.equal([table("shop", "t", "ddl")]);
    expect(touches("DROP TABLE IF EXISTS a, crm.`b c`")).to.deep.equal([whole("shop", "a"), whole("crm", "b c")]);
    expect(touches("RENAME TABLE a TO b")).to.deep.equal([whole("shop", "a"), whole("shop", "b")]);
    expect(touches("ALTER TABLE orders ADD COLUMN status INT")).to.deep.equal([whole("shop", "orders")]);
    expect(touches("DROP TRIGGER t")).to.deep.equal([{ kind: "all", table: null, reason: "ddl" }]);
    expect(touches("CALL ship_order(5)")).to.deep.equal([{ kind: "routine", name: "ship_order" }]);
    expect(touches("UPDATE orders SET a='x")).to.deep.equal([{ kind: "all", table: null, reason: "unparsable" }]);
    expect(touches("SELECT * FROM orders")).to.deep.equal([]);
    expect(touches("BEGIN")).to.deep.equal([]);
    expect(touches("INSERT INTO t VALUES (1", 1064)).to.deep.equal([]);
  });

  it("refuses JSON of another shape, naming its keys and none of its values", () => {
    const refused = (text: string): string => {
      try {
        decode(text);
      } catch (error) {
        expect(error).to.be.instanceOf(Unusable);
        return (error as Error).message;
      }
      throw new Error("accepted");
    };

    expect(refused('{"secret":"value"}')).to.match(
      /^the input is an object with secret; it has to be a Kinesis event/u,
    );
    expect(refused('{"Records":[{"s3":{}}]}')).to.match(/^Records\[0\] is an object with s3;/u);
    expect(refused('{"awslogs":{"data":5}}')).to.match(/^awslogs\.data is no base64 text;/u);
    expect(refused('{"Records":[')).to.contain("not complete JSON");
    expect(refused('{"messageType":"DATA_MESSAGE","logEvents":[]}')).to.contain("ENVELOPE_MALFORMED");
  });
});
