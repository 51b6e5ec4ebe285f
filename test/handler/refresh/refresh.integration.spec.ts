import { expect } from "chai";
import { parseTargets } from "../../../handler/contract/routes";
import { differingKeys, nextChunk } from "../../../handler/refresh/compare";
import { refreshKeys } from "../../../handler/refresh/refresh";
import { Session } from "../../../handler/sql/connection";
import { compareTarget } from "../../../local/compare/compare";
import { DatabasePair, texts } from "../databasePair";

describe("refreshing rows by key", function () {
  this.timeout(60_000);
  let pair: DatabasePair;

  before(async () => {
    pair = await DatabasePair.open();
    await pair.both("CREATE DATABASE shop");
  });
  after(async () => {
    await pair.close();
  });

  async function refresh(table: string, keys: readonly string[]): Promise<{ written: number; deleted: number }> {
    const plan = await pair.plan(table);
    const refreshed = await pair.target.transaction(
      async () => await refreshKeys(plan, pair.source, pair.target, keys),
    );
    return { written: refreshed.written, deleted: refreshed.deleted };
  }

  async function difference(table: string): Promise<readonly string[]> {
    const plan = await pair.plan(table);
    const chunk = await nextChunk(plan, pair.source, pair.target, undefined, 1_000);
    return (await differingKeys(plan, pair.source, pair.target, chunk)).keys;
  }

  /** Rows that differ according to the report of `npm run local`, which has a comparison of its own. */
  async function reported(table: string): Promise<number | undefined> {
    const [target] = parseTargets([{ name: "target", routes: [{ source: table }] }]);
    const tables = await compareTarget(pair.sourceServer, pair.targetServer, target?.routes ?? []);
    return tables[0]?.differences;
  }

  it("inserts, updates and deletes so that the named rows are equal, and leaves the others alone", async () => {
    await pair.both("CREATE TABLE shop.plain (id INT PRIMARY KEY, name VARCHAR(20))");
    await pair.source.run("INSERT INTO shop.plain VALUES (1, 'new'), (2, 'changed'), (4, 'untouched')", "test");
    await pair.target.run("INSERT INTO shop.plain VALUES (2, 'old'), (3, 'gone')", "test");

    const result = await refresh("shop.plain", ["1", "2", "3"]);

    expect(result).to.include({ written: 2, deleted: 1 });
    expect(await texts(pair.target, "SELECT id, name FROM shop.plain ORDER BY id")).to.deep.equal([
      ["1", "new"],
      ["2", "changed"],
    ]);
    expect(await difference("shop.plain")).to.deep.equal(["4"]);
  });

  it("brings every type across with the same bytes", async () => {
    await pair.both(`CREATE TABLE shop.types (
      id BIGINT UNSIGNED PRIMARY KEY, dec_ DECIMAL(65,30), f FLOAT, d DOUBLE, b BIT(10), j JSON, e ENUM('a','b c'),
      s SET('x','y'), g GEOMETRY, dt DATETIME(6), t TIME(6), ts TIMESTAMP(6) NULL, y YEAR, bl LONGBLOB, vb VARBINARY(20),
      bi BINARY(4), l1 VARCHAR(20) CHARACTER SET latin1, sj VARCHAR(20) CHARACTER SET sjis, u2 VARCHAR(20) CHARACTER SET ucs2,
      u4 VARCHAR(20) CHARACTER SET utf8mb4, c CHAR(5), u UUID, i6 INET6, gen INT AS (id % 7) STORED, zero DATE)`);
    await pair.source.run(`SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES'`, "test");
    await pair.source.run(
      `INSERT INTO shop.types (id, dec_, f, d, b, j, e, s, g, dt, t, ts, y, bl, vb, bi, l1, sj, u2, u4, c, u, i6, zero) VALUES
       (18446744073709551615, -12345678901234567890123456789012345.123456789012345678901234567890, 1.23456789, 0.1,
        b'1100000001', '{"a": [1, 2.50, "\\\\u00fc"]}', 'b c', 'x,y', ST_GeomFromText('POINT(1.5 -2)', 4326),
        '9999-12-31 23:59:59.999999', '-838:59:59.999999', '2038-01-19 03:14:07.999999', 2155,
        X'00FF5C27220A0D1A', X'0020', X'01', _latin1 X'E4FF', _binary X'835C', _ucs2 X'20AC', _utf8mb4 X'F09F98805C27', 'a ',
        '123e4567-e89b-12d3-a456-426614174000', '::1', '0000-00-00'),
       (0, 0, -3.4028234663852886e38, 2.2250738585072014E-308, 0, NULL, NULL, '', NULL, '0000-00-00 00:00:00', '838:59:59',
        NULL, 0, '', '', '', '', '', '', '', '', NULL, NULL, '2024-02-31')`,
      "test",
    );
    await pair.source.run("SET sql_mode = ''", "test");

    const result = await refresh("shop.types", ["18446744073709551615", "0"]);

    expect(result).to.include({ written: 2, deleted: 0 });
    expect(await difference("shop.types")).to.deep.equal([]);
    const hex = `SELECT HEX(id), dec_, f + 0e0, d, HEX(b), j, HEX(e), s, HEX(g), dt, t, ts, y, HEX(bl), HEX(vb), HEX(bi),
      HEX(l1), HEX(sj), HEX(u2), HEX(u4), HEX(c), u, i6, gen, zero FROM shop.types ORDER BY id`;
    expect(await texts(pair.target, hex)).to.deep.equal(await texts(pair.source, hex));
  });

  for (const [sourceType, targetType, value, other] of [
    ["VARCHAR(100)", "LONGTEXT", "'ä'", "'b'"],
    ["TEXT", "VARCHAR(100)", "'a '", "'a'"],
    ["TEXT CHARACTER SET latin1", "VARCHAR(100) CHARACTER SET utf8mb4", "'ä'", "'a'"],
    ["CHAR(5)", "VARCHAR(100)", "'a'", "'a '"],
    ["JSON", "VARCHAR(100)", `'{"a": 1}'`, `'{"a":1}'`],
    ["BLOB", "VARBINARY(20)", "X'0020'", "X'00'"],
    ["BINARY(4)", "VARBINARY(20)", "'a'", "'a'"],
    ["ENUM('a','b')", "VARCHAR(5)", "'b'", "'a'"],
    ["VARCHAR(5)", "ENUM('b','a')", "'b'", "'a'"],
    ["UUID", "CHAR(36)", "'123e4567-e89b-12d3-a456-426614174000'", "''"],
    ["INT", "BIGINT", "-5", "5"],
    ["INT(6) ZEROFILL", "BIGINT UNSIGNED", "5", "50"],
    ["SMALLINT", "INT(6) UNSIGNED ZEROFILL", "5", "50"],
    ["BIGINT UNSIGNED", "DECIMAL(20,0)", "18446744073709551615", "18446744073709551614"],
    ["DECIMAL(10,2)", "DECIMAL(14,4)", "1.5", "1.5001"],
    ["INT", "DECIMAL(10,2)", "5", "5.01"],
    ["DECIMAL(10,2)", "DOUBLE", "1.50", "1.51"],
    ["FLOAT", "DOUBLE", "0.1", "0.1"],
    ["INT", "VARCHAR(20)", "5", "'05'"],
    ["INT", "TEXT", "5", "'05'"],
    ["FLOAT", "TEXT", "0.1", "'0.1'"],
    ["DATETIME", "DATETIME(6)", "'2024-01-31 12:00:00'", "'2024-01-31 12:00:00.1'"],
    ["DATETIME(6)", "DATETIME", "'2024-01-31 12:00:00'", "'2024-01-31 12:00:01'"],
    ["TIMESTAMP NULL", "DATETIME(3)", "'2024-01-31 12:00:00'", "'2024-01-31 13:00:00'"],
    ["DATE", "DATETIME", "'2024-01-31'", "'2024-01-31 00:00:01'"],
    ["TIME", "TIME(3)", "'-12:00:00'", "'12:00:00'"],
    ["DATETIME", "VARCHAR(30)", "'2024-01-31 12:00:00'", "'2024-01-31'"],
    ["YEAR", "INT", "2024", "2025"],
  ] as const) {
    it(`compares ${sourceType} with ${targetType} by its value`, async () => {
      for (const [session, type] of [
        [pair.source, sourceType],
        [pair.target, targetType],
      ] as const) {
        await session.run("DROP TABLE IF EXISTS shop.mixed", "test");
        await session.run(`CREATE TABLE shop.mixed (id INT PRIMARY KEY, v ${type})`, "test");
      }
      await pair.source.run(`INSERT INTO shop.mixed VALUES (1, ${value}), (2, NULL), (3, ${value})`, "test");

      expect(await refresh("shop.mixed", ["1", "2", "3"])).to.include({ written: 3 });

      expect([await difference("shop.mixed"), await reported("shop.mixed")]).to.deep.equal([[], 0]);
      await pair.target.run(`UPDATE shop.mixed SET v = ${other} WHERE id < 3`, "test");
      expect([await difference("shop.mixed"), await reported("shop.mixed")]).to.deep.equal([["1", "2"], 2]);
    });
  }

  it("brings values of more than a megabyte across with the same bytes, also into another character set", async () => {
    const table = (text: string): string =>
      `CREATE TABLE shop.long_values (id INT PRIMARY KEY, bytes LONGBLOB, same LONGTEXT CHARACTER SET latin1,
        other LONGTEXT CHARACTER SET ${text}, json JSON, number DECIMAL(5,2))`;
    await pair.source.run(table("latin1"), "test");
    await pair.target.run(table("utf8mb4"), "test");
    const everyByte = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0")).join("");
    await pair.source.run(
      `INSERT INTO shop.long_values VALUES
        (1, REPEAT(X'${everyByte}', 8000), REPEAT(_latin1 X'e4275c00', 500000), REPEAT(_latin1 X'e4275c', 500000),
         JSON_QUOTE(REPEAT(_utf8mb4 X'c3a4275c22', 300000)), 1.50),
        (2, REPEAT(X'00', 1100000), '', NULL, '{}', NULL)`,
      "test",
    );

    expect(await refresh("shop.long_values", ["1", "2"])).to.include({ written: 2 });

    const digests = `SELECT id, MD5(bytes), MD5(same), LENGTH(same), MD5(CONVERT(other USING utf8mb4)), MD5(json), number
      FROM shop.long_values ORDER BY id`;
    const copied = await texts(pair.target, digests);
    expect(copied).to.deep.equal(await texts(pair.source, digests));
    expect(copied[0]?.[3]).to.equal("2000000");
  });

  it("lets rows swap and rotate the values of a unique key", async () => {
    await pair.both(
      "CREATE TABLE shop.seats (id INT PRIMARY KEY, seat VARCHAR(10) COLLATE utf8mb4_general_ci UNIQUE)",
      "INSERT INTO shop.seats VALUES (1, 'a'), (2, 'b'), (3, 'c'), (4, 'd')",
    );
    await pair.source.run("UPDATE shop.seats SET seat = CONCAT('x', seat) WHERE id <= 3", "test");
    await pair.source.run("UPDATE shop.seats SET seat = 'B' WHERE id = 1", "test");
    await pair.source.run("UPDATE shop.seats SET seat = 'C' WHERE id = 2", "test");
    await pair.source.run("UPDATE shop.seats SET seat = 'A' WHERE id = 3", "test");

    await refresh("shop.seats", ["1"]);

    expect(await difference("shop.seats")).to.deep.equal([]);
  });

  it("keeps the target's own columns of rows that swap a unique value", async () => {
    await pair.both("CREATE TABLE shop.places (id INT PRIMARY KEY, seat INT UNIQUE)");
    await pair.target.run("ALTER TABLE shop.places ADD note VARCHAR(20), ADD own INT AUTO_INCREMENT UNIQUE", "test");
    await pair.source.run("INSERT INTO shop.places VALUES (1, 20), (2, 10), (3, 30)", "test");
    await pair.target.run(
      "INSERT INTO shop.places VALUES (1, 10, 'first', 7), (2, 20, 'second', 8), (3, 30, 'third', 9)",
      "test",
    );

    await refresh("shop.places", ["1"]);

    expect(await texts(pair.target, "SELECT * FROM shop.places ORDER BY id")).to.deep.equal([
      ["1", "20", "first", "7"],
      ["2", "10", "second", "8"],
      ["3", "30", "third", "9"],
    ]);
  });

  it("finds and compares rows whose key is an ENUM, a SET, a BIT or a FLOAT", async () => {
    await pair.both(
      "CREATE TABLE shop.odd (e ENUM('z', 'a', 'm'), s SET('q', 'b'), b BIT(12), f FLOAT, n INT, PRIMARY KEY (e, s, b, f))",
      "INSERT INTO shop.odd VALUES ('z', 'q', 5, 1.2345678, 1), ('a', 'b,q', 513, 0.1, 1), ('m', '', 0, -2.7182818, 1)",
    );
    await pair.source.run("UPDATE shop.odd SET n = 2 WHERE e <> 'a'", "test");
    await pair.source.run("INSERT INTO shop.odd VALUES ('z', 'b', 1, 3.3333333, 1)", "test");
    await pair.target.run("INSERT INTO shop.odd VALUES ('m', 'q', 1, 3.3333333, 1)", "test");
    const plan = await pair.plan("shop.odd");

    const keys: string[] = [];
    let chunk = await nextChunk(plan, pair.source, pair.target, undefined, 1);
    for (;;) {
      keys.push(...(await differingKeys(plan, pair.source, pair.target, chunk)).keys);
      if (chunk.upTo === undefined) break;
      chunk = await nextChunk(plan, pair.source, pair.target, chunk.upTo, 1);
    }
    await refresh("shop.odd", keys);

    expect(keys).to.have.length(4);
    expect(await difference("shop.odd")).to.deep.equal([]);
  });

  it("copies the highest values of FLOAT and DOUBLE with fixed decimals, which they would not take as they show them", async () => {
    await pair.both(
      `CREATE TABLE shop.fixed (id INT PRIMARY KEY, a FLOAT(10,5), b FLOAT(10,0) UNSIGNED, c FLOAT(3,3), d DOUBLE(20,2),
        e DOUBLE(5,2), f FLOAT(20,0))`,
      "CREATE TABLE shop.fixed_keys (id FLOAT(10,5) PRIMARY KEY, n INT)",
    );
    const most = ["99999.99999", "9999999999", "0.999", "999999999999999999.99", "999.99", "99999999999999999999"];
    const least = most.map((value, index) => (index === 1 ? "0" : `-${value}`));
    await pair.source.run(
      `INSERT INTO shop.fixed VALUES (1, ${most.join(", ")}), (2, ${least.join(", ")}), (3, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1)`,
      "test",
    );
    await pair.source.run("INSERT INTO shop.fixed_keys VALUES (99999.99999, 1), (-99999.99999, 2), (0.1, 3)", "test");

    expect(await refresh("shop.fixed", ["1", "2", "3"])).to.include({ written: 3 });
    expect(await refresh("shop.fixed_keys", ["100000", "-100000", "0.10000000149011612"])).to.include({ written: 3 });

    for (const table of ["shop.fixed", "shop.fixed_keys"]) {
      expect([await difference(table), await reported(table)]).to.deep.equal([[], 0]);
    }
    await pair.target.run("UPDATE shop.fixed SET a = 99999.9 WHERE id = 1", "test");
    expect(await difference("shop.fixed")).to.deep.equal(["1"]);
  });

  it("copies the invalid value of an ENUM, which strict mode refuses", async () => {
    await pair.both("CREATE TABLE shop.kinds (id INT PRIMARY KEY, kind ENUM('a', 'b') NOT NULL, n TINYINT NOT NULL)");
    await pair.source.run("INSERT INTO shop.kinds VALUES (1, 'wrong', 1), (2, 'b', 2)", "test");

    await refresh("shop.kinds", ["1", "2"]);

    expect(await texts(pair.target, "SELECT id, kind + 0, n FROM shop.kinds ORDER BY id")).to.deep.equal([
      ["1", "0", "1"],
      ["2", "2", "2"],
    ]);
  });

  it("copies what the source computes where the target has an ordinary column for it", async () => {
    await pair.source.run("CREATE TABLE shop.sums (id INT PRIMARY KEY, n INT, twice INT AS (n * 2))", "test");
    await pair.target.run("CREATE TABLE shop.sums (id INT PRIMARY KEY, n INT, twice INT)", "test");
    await pair.source.run("INSERT INTO shop.sums (id, n) VALUES (1, 21)", "test");

    await refresh("shop.sums", ["1"]);

    expect(await texts(pair.target, "SELECT * FROM shop.sums")).to.deep.equal([["1", "21", "42"]]);
  });

  it("treats keys that the collation calls equal as one row", async () => {
    await pair.both("CREATE TABLE shop.codes (code VARCHAR(10) COLLATE utf8mb4_general_ci PRIMARY KEY, n INT)");
    await pair.source.run("INSERT INTO shop.codes VALUES ('ABC', 1)", "test");
    await pair.target.run("INSERT INTO shop.codes VALUES ('abc', 0), ('zz', 0)", "test");

    const result = await refresh("shop.codes", ["'abc'", "'ABC'", "'ZZ'"]);

    expect(result).to.include({ written: 1, deleted: 1 });
    expect(await texts(pair.target, "SELECT code, n FROM shop.codes")).to.deep.equal([["ABC", "1"]]);
  });

  it("refuses a row that the target's constraint forbids and writes nothing of the chunk", async () => {
    await pair.both("CREATE TABLE shop.checked (id INT PRIMARY KEY, n INT)");
    await pair.target.run("ALTER TABLE shop.checked ADD CHECK (n < 10)", "test");
    await pair.source.run("INSERT INTO shop.checked VALUES (1, 1), (2, 11)", "test");

    let code = "none";
    try {
      await refresh("shop.checked", ["1", "2"]);
    } catch (error) {
      code = (error as { code: string }).code;
    }

    expect(code).to.equal("ROW_REFUSED");
    expect(await texts(pair.target, "SELECT COUNT(*) FROM shop.checked")).to.deep.equal([["0"]]);
  });

  it("refuses a row that the server would not take in one statement, and keeps the connection", async () => {
    await pair.both("CREATE TABLE shop.large (id INT PRIMARY KEY, body LONGBLOB)");
    await pair.source.run(
      "INSERT INTO shop.large SELECT seq, REPEAT('x', IF(seq = 4, 2000000, 700000)) FROM mysql.seq_1_to_4",
      "test",
    );
    await pair.target.run("SET GLOBAL max_allowed_packet = 1048576", "test");
    const target = await Session.open("target", pair.targetServer.rootConnection, []);
    const plan = await pair.plan("shop.large");

    const refused = await target
      .transaction(async () => await refreshKeys(plan, pair.source, target, ["3", "4"]))
      .catch((error: unknown) => error);
    const { written } = await target.transaction(
      async () => await refreshKeys(plan, pair.source, target, ["1", "2", "3"]),
    );

    expect(refused).to.include({ code: "ROW_REFUSED", errno: 1153 });
    expect(written).to.equal(3);
    expect(await texts(target, "SELECT id, LENGTH(body) FROM shop.large")).to.deep.equal([
      ["1", "700000"],
      ["2", "700000"],
      ["3", "700000"],
    ]);
    await target.close();
    await pair.target.run("SET GLOBAL max_allowed_packet = 67108864", "test");
  });
});
