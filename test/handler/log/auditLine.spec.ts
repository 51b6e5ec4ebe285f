import { expect } from "chai";
import fc from "fast-check";
import { parseAuditLine, parseAuditMessage, type ParsedLine } from "../../../handler/log/auditLine";
import type { AuditRecord } from "../../../handler/log/record";

function record(line: string, queryLogLimit?: number): AuditRecord {
  const parsed = parseAuditLine(line, { queryLogLimit });
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.record;
}

function reason(line: string): string {
  const parsed = parseAuditLine(line);
  return parsed.ok ? "none" : parsed.reason;
}

/** As the plugins of MariaDB and RDS for MySQL escape a text. */
function escaped(text: string): string {
  const letters: Readonly<Record<string, string>> = { "\b": "b", "\t": "t", "\n": "n", "\f": "f", "\r": "r" };
  return text.replace(/[\b\t\n\f\r'\\]/gu, (character) => `\\${letters[character] ?? character}`);
}

const maria = (object: string, tail = ",0"): string =>
  `20240531 12:00:01,db1,app,10.0.0.7,42,1234,QUERY,shop,'${object}'${tail}`;

describe("parseAuditLine", () => {
  it("reads a query of RDS for MariaDB whole", () => {
    expect(record(maria("UPDATE t SET a = \\'x, y\\'", ",1062"))).to.deep.equal({
      dialect: "mariadb",
      timeMs: Date.UTC(2024, 4, 31, 12, 0, 1),
      serverHost: "db1",
      user: "app",
      host: "10.0.0.7",
      connectionId: "42",
      queryId: "1234",
      operation: "QUERY",
      database: "shop",
      object: "UPDATE t SET a = 'x, y'",
      retcode: 1062,
      truncated: false,
    });
  });

  it("tells the dialects by the shape of a record", () => {
    expect(record(maria("SELECT 1")).dialect).to.equal("mariadb");
    expect(record(maria("SELECT 1", ",0,,")).dialect).to.equal("rds-mysql");
    const aurora = record("1717156801123456,instance-1,app,10.0.0.7,42,1234,QUERY,shop,'SELECT 1',0");

    expect([aurora.dialect, aurora.timeMs]).to.deep.equal(["aurora", 1717156801123]);
  });

  it("reads TABLE events with and without a return code, and both forms of RENAME", () => {
    const event = (tail: string): readonly unknown[] => {
      const { operation, database, object, retcode } = record(`20240531 12:00:01,db1,app,h,42,7,${tail}`);
      return [operation, database, object, retcode];
    };

    expect(event("WRITE,shop,orders,")).to.deep.equal(["WRITE", "shop", "orders", undefined]);
    expect(event("WRITE,shop,orders,0")).to.deep.equal(["WRITE", "shop", "orders", 0]);
    expect(event("RENAME,shop,a|crm.b,")).to.deep.equal(["RENAME", "shop", "a|crm.b", undefined]);
    expect(event("RENAME,shop,a,crm,b")).to.deep.equal(["RENAME", "shop", "a|crm.b", undefined]);
  });

  it("reads sessions of every dialect", () => {
    const session = (line: string): string => record(line).operation;

    expect(session("20240531 12:00:01,db1,app,h,42,0,CONNECT,shop,,0")).to.equal("CONNECT");
    expect(session("20240531 12:00:01,db1,app,h,42,0,CONNECT,shop,,0,SSL")).to.equal("CONNECT");
    expect(session("20240531 12:00:01,db1,,,1,0,DISCONNECT,,,0")).to.equal("DISCONNECT");
    expect(session("20240531 12:00:01,db1,app,h:3306,42,0,FAILED_CONNECT,,TLSv1.3,1045")).to.equal("FAILED_CONNECT");
  });

  it("finds the fields around commas in a user's name, a free time and a syslog prefix", () => {
    const names = (line: string): readonly string[] => {
      const { serverHost, user, host } = record(line);
      return [serverHost, user, host];
    };

    expect(names("20240531 12:00:01,db1,a,b,h,42,7,QUERY,shop,'SELECT 1',0")).to.deep.equal(["db1", "a,b", "h"]);
    expect(names("Friday, 31 May,db1,app,h,42,7,QUERY,shop,'SELECT 1',0")).to.deep.equal(["db1", "app", "h"]);
    expect(names("May 31 12:00:01 db1 mysql-server_auditing: db1,app,h,42,7,QUERY,shop,'SELECT 1',0")).to.deep.equal([
      "db1",
      "app",
      "h",
    ]);
  });

  it("takes the backticks off a database that was copied from a USE", () => {
    expect(record("20240531 12:00:01,db1,app,h,42,7,QUERY,`my``db`,'SELECT 1',0,,").database).to.equal("my`db");
  });

  it("gives back every text exactly", () => {
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: fc.constantFrom("'", "\\", ",", "\n", "\t", "\r", "0", "a", "ü", "😀") }),
    );
    fc.assert(
      fc.property(text, fc.constantFrom(",0", ",1064", ",0,,"), (sql, tail) => {
        expect(record(maria(escaped(sql), tail), 0).object).to.equal(sql);
      }),
      { numRuns: 2000 },
    );
  });

  it("suspects a text of the limit's length of being cut", () => {
    const cut = (length: number, limit: number | undefined): boolean =>
      record(maria("x".repeat(length)), limit).truncated;

    expect([1022, 1023, 1024, 1025].map((length) => cut(length, undefined))).to.deep.equal([false, true, true, false]);
    expect([98, 99, 100].map((length) => cut(length, 100))).to.deep.equal([false, true, true]);
    expect(cut(1024, 0)).to.equal(false);
    expect(record(maria("é".repeat(512)), 1024).truncated).to.equal(true);
    expect(record(`${maria("UPDATE t")} [Your log message was truncated]`).truncated).to.equal(true);
    expect(record("20240531 12:00:01,db1,app,h,42,7,QUERY,shop,'UPDATE t SET a = \\'").truncated).to.equal(true);
  });

  it("says what is wrong with a line that is no record", () => {
    expect(reason("")).to.equal("empty");
    expect(reason("hello")).to.equal("no-head");
    expect(reason("20240531 12:00:01,db1,app,h,42,7,FROBNICATE,shop,'x',0")).to.equal("unknown-operation");
    expect(reason("20240531 12:00:01,db1,app,h,42,7,QUERY,shop,SELECT 1,0")).to.equal("no-text");
    expect(reason(maria("a\\xb"))).to.equal("unknown-escape");
    expect(reason(maria("SELECT 1", ",zero"))).to.equal("no-retcode");
    expect(reason("20240531 12:00:01,db1,app,h,42,7,WRITE,shop,a,b,")).to.equal("ambiguous-name");
  });

  it("never throws, whatever the line", () => {
    const piece = fc.constantFrom("20240531 12:00:01", ",", "'", "\\", "42", "QUERY", "WRITE", "shop", "0", "\n", " ");
    const line = fc.oneof(
      fc.string(),
      fc.array(piece, { maxLength: 40 }).map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(line, (given) => {
        const results: ParsedLine[] = [];
        parseAuditMessage(given, {}, results);
        expect(results.length).to.be.at.least(given.trim() === "" ? 0 : 1);
      }),
      { numRuns: 3000 },
    );
  });
});

describe("parseAuditMessage", () => {
  function operations(message: string): readonly string[] {
    const results: ParsedLine[] = [];
    parseAuditMessage(message, {}, results);
    return results.map((result) => (result.ok ? result.record.object : result.reason));
  }

  it("reads each of several lines, and reports those that are no records", () => {
    expect(operations(`${maria("SELECT 1")}\n${maria("SELECT 2")}\n`)).to.deep.equal(["SELECT 1", "SELECT 2"]);
    expect(operations(`${maria("SELECT 1")}\nnoise`)).to.deep.equal(["SELECT 1", "no-head"]);
  });

  it("takes a line break inside a name for a part of the name", () => {
    expect(operations("20240531 12:00:01,db1,a\nb,h,42,7,QUERY,shop,'SELECT 1',0")).to.deep.equal(["SELECT 1"]);
  });
});
