/** Column types for generated tables, with values to store and with spellings to compare them with. */

export interface ColumnKind {
  readonly type: string;
  /** Literals that the column stores, in default modes. */
  readonly values: readonly string[];
  /** Literals that statements compare it with or assign to it: exact ones, odd spellings and other types. */
  readonly probes: readonly string[];
  readonly isText?: boolean;
  readonly isNumber?: boolean;
  readonly isTime?: boolean;
}

const texts = [
  "''",
  "'a'",
  "'A'",
  "'ab'",
  "'aB'",
  "'a '",
  "'ss'",
  "'e'",
  "'x y'",
  "'x\\ny'",
  "'O''Brien'",
  "'12'",
  "'a_b'",
];
const textProbes = [
  ...texts,
  "'a' 'b'",
  "'x\ny'",
  "'x\ty'",
  "'O\\'Brien'",
  "'a\\\\b'",
  "'a\\b'",
  "_utf8mb4'a'",
  "_latin1'a'",
  "N'ab'",
  "_utf8mb4'A' COLLATE utf8mb4_bin",
  "'a' COLLATE utf8mb4_general_ci",
  '"a"',
  '"A"',
  '"it""s"',
  "12",
  "NULL",
  "X'61'",
  "0x61",
  "NAME_CONST('v', 'a')",
  "CONCAT('a', 'b')",
  "@v",
  "'%'",
  "'a%'",
];
const wide = ["'ß'", "'é'", "'É'", "'ñ '"];

function text(type: string, more: readonly string[] = wide): ColumnKind {
  return { type, values: [...texts, ...more], probes: [...textProbes, ...more], isText: true };
}

const numbers = ["0", "1", "2", "3", "7", "100"];
const numberProbes = [
  ...numbers,
  ...[
    "-1",
    "+1",
    "'1'",
    "'2'",
    "'-1'",
    "' 1'",
    "'1a'",
    "'1.0'",
    "1.0",
    "2.5",
    "1e0",
    "20e-1",
    "0x01",
    "b'10'",
    "X'31'",
  ],
  ...[
    "NULL",
    "TRUE",
    "FALSE",
    "99999999999",
    "'0x1'",
    "''",
    '"2"',
    "1 + 1",
    "@n",
    "NAME_CONST('n', 2)",
    "ABS(-1)",
    "\\N",
  ],
  ...["00002", "'002'", "-0", "1.", ".5", "- 1", "~1"],
];

function number(type: string, values: readonly string[], probes: readonly string[] = []): ColumnKind {
  return { type, values, probes: [...numberProbes, ...values, ...probes], isNumber: true };
}

const days = ["'2024-01-31'", "'2024-02-29'", "'2023-12-31'", "'2024-01-01'"];
const instants = ["'2024-01-31 12:00:00'", "'2024-01-31 00:00:00'", "'2023-12-31 23:59:59'", "'2024-03-01 01:30:00'"];
const timeProbes = [
  ...days,
  ...instants,
  ...["'2024-1-31'", "'20240131'", "20240131", "'2024-01-31T12:00:00'", "'24-01-31'", "'2024-01-31 12:00:00.5'"],
  ...["DATE '2024-01-31'", "TIMESTAMP '2024-01-31 12:00:00'", "{d '2024-01-31'}", "'2024-02-30'", "'0000-00-00'"],
  ...[
    "NULL",
    "NOW()",
    "CURDATE()",
    "NOW() - INTERVAL 1 DAY",
    "UTC_TIMESTAMP()",
    "CURRENT_TIMESTAMP + INTERVAL 1 MONTH",
  ],
  ...["DATE_SUB(NOW(), INTERVAL 2 HOUR)", "SYSDATE()", "NOW() + 0", "'2024-01-31 12:00'", "'12:00:00'", "0"],
];
/** Around the clock: decided by the server when the row is stored. */
const near = ["NOW() - INTERVAL 1 DAY", "NOW() + INTERVAL 1 HOUR", "NOW() - INTERVAL 16 HOUR", "NOW()"];

function time(type: string, values: readonly string[]): ColumnKind {
  return { type, values, probes: timeProbes, isTime: true };
}

export const integerKinds: readonly ColumnKind[] = [
  number("INT", [...numbers, "-1"]),
  number("TINYINT", [...numbers, "-128", "127"]),
  number(
    "BIGINT UNSIGNED",
    [...numbers, "18446744073709551615", "9007199254740992", "9007199254740993"],
    ["'9007199254740993'", "9007199254740992.0", "'18446744073709551615'"],
  ),
  number("SMALLINT(5) ZEROFILL", numbers),
];

export const keyKinds: readonly ColumnKind[] = [
  ...integerKinds,
  number("DECIMAL(10,2)", ["0", "1.5", "1.55", "-2", "7"], ["1.50", "'1.5'", "1.555", "15e-1"]),
  text("VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"),
  text("VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"),
  text("VARCHAR(12) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_nopad_ci"),
  text("VARCHAR(12) CHARACTER SET latin1"),
  text("CHAR(10) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci"),
  time("DATE", days),
  time("DATETIME", instants),
  time("DATETIME(3)", [...instants, "'2024-01-31 12:00:00.5'"]),
  time("TIMESTAMP", instants),
  {
    type: "BINARY(4)",
    values: ["'a'", "'ab'", "X'00ff'", "''"],
    probes: ["'a'", "X'61000000'", "'a\\0\\0\\0'", "0x6162", "'A'", "_binary'a'", "UNHEX('00FF0000')", "97", "NULL"],
  },
  {
    type: "VARBINARY(8)",
    values: ["'a'", "'A'", "X'00ff'", "''", "'a '"],
    probes: ["'a'", "'a '", "X'00ff'", "0x61", "'ab'", "UNHEX('00ff')", "_binary'a'", "NULL", "'é'"],
  },
  {
    type: "ENUM('a','B','2','1')",
    values: ["'a'", "'B'", "'2'", "'1'"],
    probes: ["'a'", "'b'", "'B'", "1", "2", "'2'", "'3'", "0", "NULL", "'a '"],
  },
  {
    type: "UUID",
    values: ["'123e4567-e89b-12d3-a456-426655440000'", "'123e4567-e89b-12d3-a456-426655440001'"],
    probes: ["'123e4567-e89b-12d3-a456-426655440000'", "'123E4567E89B12D3A456426655440001'", "NULL", "'x'"],
  },
  {
    type: "TIME",
    values: ["'12:00:00'", "'-01:00:00'", "'100:00:00'"],
    probes: ["'12:00:00'", "120000", "'12:00'", "'-1:00:00'", "'100:00:00'", "NULL", "NOW()", "'0 12:00:00'"],
  },
  { type: "YEAR", values: ["2024", "1999", "0"], probes: ["2024", "'2024'", "24", "'99'", "1999", "NULL", "0", "'0'"] },
];

export const otherKinds: readonly ColumnKind[] = [
  ...keyKinds,
  ...integerKinds,
  number(
    "INT UNSIGNED",
    ["UNIX_TIMESTAMP() - 7200", "UNIX_TIMESTAMP() + 60", "UNIX_TIMESTAMP() - 90000", "5"],
    [
      "UNIX_TIMESTAMP()",
      "UNIX_TIMESTAMP() - 3600",
      "UNIX_TIMESTAMP(NOW() - INTERVAL 1 HOUR)",
      "UNIX_TIMESTAMP(CURDATE())",
      "UNIX_TIMESTAMP(NOW() - INTERVAL 1 MONTH)",
    ],
  ),
  number("DOUBLE", ["0", "1.5", "0.1", "1e10", "7"], ["0.1", "1e10", "'0.1'"]),
  number("FLOAT", ["0", "1.5", "0.1", "7"], ["0.1", "'0.1'"]),
  number("BIT(4)", ["b'0'", "b'1'", "b'101'"], ["b'101'", "5", "'5'", "0x05", "X'05'"]),
  text("TEXT CHARACTER SET utf8mb4"),
  text("VARCHAR(20) CHARACTER SET utf8mb3"),
  time("DATETIME", [...instants, ...near, "'0000-00-00 00:00:00'"]),
  time("TIMESTAMP", [...instants, ...near]),
  time("DATE", [...days, "CURDATE()", "'0000-00-00'"]),
  {
    type: "SET('a','b','c')",
    values: ["'a'", "'a,b'", "''", "'c'"],
    probes: ["'a'", "'b,a'", "'a,b'", "1", "3", "NULL", "''"],
  },
  {
    type: "JSON",
    values: [`'{"a": 1}'`, `'{"a": "x"}'`, "'[1, 2]'", `'{"b": {"c": 2}}'`],
    probes: [`'{"a": 1}'`, "NULL", "'x'"],
  },
  { type: "BLOB", values: ["'a'", "X'00'", "''"], probes: ["'a'", "X'00'", "NULL"] },
];
