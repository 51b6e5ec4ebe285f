/** What the sessions of applications differ in, and the log does not tell. */
import type { Random } from "./random";

const modes = [
  "STRICT_TRANS_TABLES",
  "ANSI_QUOTES",
  "NO_BACKSLASH_ESCAPES",
  "PIPES_AS_CONCAT",
  "HIGH_NOT_PRECEDENCE",
  "NO_UNSIGNED_SUBTRACTION",
  "PAD_CHAR_TO_FULL_LENGTH",
  "NO_AUTO_VALUE_ON_ZERO",
  "NO_ZERO_DATE,NO_ZERO_IN_DATE",
  "ALLOW_INVALID_DATES",
  "IGNORE_SPACE",
  "ERROR_FOR_DIVISION_BY_ZERO",
  "TIME_ROUND_FRACTIONAL",
];

const zones = ["+00:00", "+13:00", "-12:59", "+05:30"];
const names = [
  "utf8mb4 COLLATE utf8mb4_general_ci",
  "utf8mb4 COLLATE utf8mb4_bin",
  "utf8mb4 COLLATE utf8mb4_unicode_520_ci",
  "latin1",
  "utf8mb3",
];

/** Statements that set a session up, in order. */
export function makeSession(random: Random): readonly string[] {
  const plain = random.chance(0.4);
  return [
    `SET NAMES ${plain ? (names[0] ?? "") : random.pick(names)}`,
    `SET sql_mode = '${plain ? "" : random.some(modes, 0.2).join(",")}'`,
    `SET time_zone = '${random.pick(zones)}'`,
    `SET sql_auto_is_null = ${random.chance(0.2) ? "1" : "0"}`,
    `SET div_precision_increment = ${random.pick(["4", "0", "12"])}`,
    "SET @v = 'a', @n = 2",
  ];
}
