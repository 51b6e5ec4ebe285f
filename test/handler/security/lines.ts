/** Audit lines and stream records as somebody hostile would have them written. */
import { gzipSync } from "node:zlib";
import type { Random } from "../../../local/random";

const escapes: Readonly<Record<string, string>> = {
  "\b": "\\b",
  "\t": "\\t",
  "\n": "\\n",
  "\f": "\\f",
  "\r": "\\r",
  "'": "\\'",
  "\\": "\\\\",
};

/** The text in a line of one of the three dialects. */
export function auditLine(text: string, random: Random, connectionId?: string): string {
  const escaped = text.replace(/[\b\t\n\f\r'\\]/gu, (character) => escapes[character] ?? character);
  const connection = connectionId ?? String(1 + random.below(50));
  const code = random.pick(["0", "0", "0", "0", "1064", "1146", "1317"]);
  switch (random.below(3)) {
    case 0: {
      const spaced = text.replace(/[\n\t\r\f]/gu, " ").replace(/['\\]/gu, "\\$&");
      return `${Date.now()}000,db-1,app,10.0.0.1,${connection},9,QUERY,shop,'${spaced}',${code}`;
    }
    case 1:
      return `20260115 10:20:30,db-1,app,10.0.0.1,${connection},9,QUERY,shop,'${escaped}',${code},,`;
    default:
      return `20260115 10:20:30,db-1,app,10.0.0.1,${connection},9,QUERY,shop,'${escaped}',${code}`;
  }
}

/** Fields other than the text, and lines that are none. */
export function hostileLines(expression: string): readonly string[] {
  const line = (fields: Readonly<Record<string, string>>): string => {
    const given = {
      user: "app",
      host: "10.0.0.1",
      id: "7",
      query: "9",
      operation: "QUERY",
      database: "shop",
      ...fields,
    };
    const { user, host, id, query, operation, database } = given;
    return `20260115 10:20:30,db-1,${user},${host},${id},${query},${operation},${database},'DELETE FROM auto WHERE a = 1',0`;
  };
  return [
    line({ user: expression }),
    line({ host: expression }),
    line({ id: expression }),
    line({ id: "-1" }),
    line({ id: "99999999999999999999999999" }),
    line({ id: "0" }),
    line({ query: expression }),
    line({ operation: expression }),
    line({ database: expression }),
    line({ database: `shop'${expression}` }),
    line({ operation: "WRITE" }),
    `20260115 10:20:30,db-1,app,10.0.0.1,7,9,WRITE,vault,${expression},`,
    expression,
    `${expression},${expression},${expression},${expression},1,1,QUERY,${expression},'${expression}',0`,
    `20260115 10:20:30,db-1,app,10.0.0.1,7,9,QUERY,shop,'DELETE FROM auto WHERE b = ${expression}`,
    `20260115 10:20:30,db-1,app,10.0.0.1,7,9,QUERY,shop,'DELETE FROM auto','0`,
  ];
}

export function envelope(lines: readonly string[], fields: Readonly<Record<string, unknown>> = {}): Buffer {
  return gzipSync(
    JSON.stringify({
      messageType: "DATA_MESSAGE",
      owner: "123456789012",
      logGroup: "/aws/rds/cluster/shop/audit",
      logStream: "shop-1.audit.log.0",
      subscriptionFilters: ["audit-sync"],
      logEvents: lines.map((message, index) => ({ id: String(index), timestamp: Date.now(), message })),
      ...fields,
    }),
  );
}

/** Records that nothing but a hostile producer writes. */
export function hostileRecords(canary: string): readonly Buffer[] {
  const event = { id: "1", timestamp: 1, message: canary };
  return [
    Buffer.from(""),
    Buffer.from(canary),
    Buffer.from(`{"${canary}": 1}`),
    Buffer.from(`{"messageType": "DATA_MESSAGE", "owner": "${canary}`),
    gzipSync(canary),
    gzipSync(canary).subarray(0, 12),
    gzipSync(Buffer.alloc(40_000_000)),
    gzipSync("[".repeat(1_000_000)),
    gzipSync(`${'{"a":'.repeat(500_000)}1`),
    envelope([], { logEvents: canary }),
    envelope([], { logEvents: [canary, null, 1] }),
    envelope([], { logEvents: [{ ...event, timestamp: canary }] }),
    envelope([], { logEvents: [{ ...event, timestamp: 1e300 }] }),
    envelope([], { logEvents: [{ ...event, timestamp: -1 }] }),
    envelope([], { logEvents: [{ ...event, message: { toString: canary } }] }),
    envelope([], { logEvents: [], __proto__: null, constructor: canary }),
    envelope([canary], { logGroup: canary, logStream: canary, owner: canary }),
    envelope([canary], { messageType: canary }),
  ];
}

/** Texts of about `length` characters whose conditions are long, deep or full of what has to be escaped. */
export function longTexts(length: number): readonly string[] {
  const many = (part: string): string => part.repeat(Math.floor(length / part.length));
  return [
    `DELETE FROM auto WHERE ${many("a = 1 OR ")}a = 2`,
    `DELETE FROM auto WHERE ${many("a > 1 AND ")}a > 2`,
    `DELETE FROM auto WHERE a IN (${many("71,")}1)`,
    `DELETE FROM auto WHERE b IN (${many("'x',")}'y')`,
    `DELETE FROM auto WHERE b = '${many("''")}'`,
    `DELETE FROM auto WHERE b = '${many("\\\\")}'`,
    `DELETE FROM auto WHERE a = ${many("9")}`,
    `DELETE FROM auto WHERE ${"(".repeat(60)}a = 1${") OR a = 2".repeat(60)}`,
    `DELETE FROM auto WHERE ${"NOT (a = 1 AND ".repeat(60)} a = 2 ${")".repeat(60)}`,
    `DELETE FROM pair WHERE (a, b) IN (${many("(1,2),")}(3,4))`,
    `INSERT INTO auto (id, a) VALUES ${many("(1,1),")}(2,2)`,
    `INSERT INTO word VALUES ('${many("x")}', 1, 'y')`,
    `INSERT INTO odd (id) VALUES (${many("1")})`,
    `UPDATE filtered SET v = 1 WHERE ${many("state = 1 OR ")}state = 2`,
    `UPDATE part SET shown = 1 WHERE ${many("hidden = 1 OR ")}hidden = 2`,
  ];
}
