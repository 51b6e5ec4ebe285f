/** What an attacker with any statement at the source would try to get into the sync's own statements. */
import type { Random } from "../../../local/random";

/** Stands in texts and rows; must not stand in anything that the handler says. */
export const canary = "canary7f3a91";
export const canaryNumber = "7321948164";

export const expressions: readonly string[] = [
  "(SELECT secret FROM vault.secrets LIMIT 1)",
  "(SELECT password FROM mysql.global_priv LIMIT 1)",
  "EXISTS (SELECT 1 FROM audit_sync.pending FOR UPDATE)",
  "SLEEP(9)",
  "(SLEEP(9) OR 1)",
  "BENCHMARK(1000000000, MD5(1))",
  "LOAD_FILE('/etc/passwd')",
  "GET_LOCK('vault', 99)",
  "RELEASE_ALL_LOCKS()",
  "(@vault := 1)",
  "@@datadir",
  "@@GLOBAL.secure_file_priv",
  "vault.attack(1)",
  "`vault`.`attack`(1)",
  "attack(1)",
  "NEXTVAL(vault.numbers)",
  "NEXT VALUE FOR vault.numbers",
  "LAST_INSERT_ID(99)",
  "MASTER_POS_WAIT('a', 1, 9)",
  "EXTRACTVALUE(1, CONCAT(0x7e, @@version))",
  "UPDATEXML(1, CONCAT(0x7e, USER()), 1)",
  "NAME_CONST('a', 1)",
  "CURRENT_USER",
  "UUID()",
  "RAND()",
  "REPEAT('a', 999999999)",
  "(1 UNION SELECT secret FROM vault.secrets)",
  "1; DROP TABLE vault.secrets; --",
  "1 -- \n; DELETE FROM vault.secrets",
  "1 /*! ; DROP TABLE vault.secrets */",
  "1 /*!50000 OR SLEEP(9) */",
  "1 /*M!100000 OR SLEEP(9) */",
  "1 # OR SLEEP(9)",
  "`a``; DROP TABLE vault.secrets; -- `",
  "`a\nb`",
  "`a\0b`",
  "`vault`.`secrets`.`secret`",
  "'\\'",
  "'\\' OR SLEEP(9) OR \\''",
  "''''",
  "'''; DROP TABLE vault.secrets; -- '",
  "'\\\\'",
  "'\\\\' OR SLEEP(9) OR '",
  "'\0\\0'",
  "'\x1a\\Z'",
  '"a\\" OR SLEEP(9) OR \\""',
  "\"a' OR SLEEP(9) OR '\"",
  "_gbk 0xbf5c27",
  "_gbk'\xbf\\' OR SLEEP(9) OR '",
  "_gbk'\xbf\\'",
  "_sjis'\x83\\' OR SLEEP(9) OR '",
  "_big5'\xa5\\'",
  "'\xbf\\' OR SLEEP(9) OR '",
  "'縗' OR SLEEP(9) OR '",
  "N'縗\\'",
  "_binary'\\'' OR SLEEP(9)",
  "_utf16'\\'",
  "CONVERT('縗\\'' USING gbk)",
  "'a' COLLATE utf8mb4_bin",
  "'a' COLLATE `utf8mb4_bin' OR SLEEP(9)`",
  "X'27'",
  "x'2'",
  "0x5c27204f5220534c454550283929",
  "b'100111'",
  "1e400",
  "1e-400",
  "-".repeat(99) + "1",
  "9".repeat(400),
  `0.${"0".repeat(400)}1`,
  "18446744073709551616",
  "-9223372036854775809",
  "1.e+5e5",
  "TIMESTAMP'2020-01-01 00:00:00'",
  "DATE'2020-01-01\\' OR SLEEP(9)'",
  "INTERVAL 1 DAY + '2020-01-01'",
  "CASE WHEN SLEEP(9) THEN 1 END",
  "(a, b) = (SELECT 1, SLEEP(9))",
  "a = ANY (SELECT 1 FROM vault.secrets)",
  "b REGEXP '(((((((a+)+)+)+)+)+)+)+$'",
  "MATCH (b) AGAINST ('x')",
  "a MEMBER OF ('[1]')",
  "JSON_EXTRACT(b, '$.a')",
  "b->'$.a'",
  "CAST(a AS CHAR) = SLEEP(9)",
  "VALUES(a)",
  "DEFAULT(a)",
  `'${canary}'`,
  canaryNumber,
  "a * 9223372036854775807 * 9223372036854775807",
  "a DIV 0",
  "?",
  ":a",
  "{d '2020-01-01'}",
  "\\N",
];

export const templates: readonly ((expression: string) => string)[] = [
  (e) => `DELETE FROM auto WHERE id = ${e}`,
  (e) => `DELETE FROM auto WHERE b = ${e}`,
  (e) => `DELETE FROM auto WHERE ${e}`,
  (e) => `DELETE FROM auto WHERE NOT (${e}) AND a = 1`,
  (e) => `DELETE FROM auto WHERE a IN (1, ${e}) OR ${e} = b`,
  (e) => `DELETE FROM auto WHERE a BETWEEN ${e} AND ${e}`,
  (e) => `DELETE FROM auto WHERE b LIKE ${e} ESCAPE ${e}`,
  (e) => `DELETE FROM auto WHERE (a, b) IN ((1, ${e}), (2, 'x'))`,
  (e) => `DELETE FROM auto WHERE LOWER(b) = ${e} AND MOD(a, ${e}) = 0 ORDER BY ${e} LIMIT 1`,
  (e) => `DELETE auto FROM auto JOIN (SELECT ${e} AS x) AS j ON auto.a = j.x WHERE auto.b = ${e}`,
  (e) => `UPDATE auto SET a = ${e} WHERE id = 1`,
  (e) => `UPDATE auto SET id = ${e} WHERE b = ${e}`,
  (e) => `UPDATE filtered SET state = ${e}, w = 1 WHERE v = ${e}`,
  (e) => `UPDATE filtered SET v = ${e} WHERE state = 1`,
  (e) => `UPDATE part SET shown = ${e} WHERE hidden = ${e}`,
  (e) => `UPDATE word, pair SET word.v = ${e}, pair.v = 1 WHERE word.k = ${e}`,
  (e) => `INSERT INTO auto (id, a) VALUES (${e}, 1), (2, ${e})`,
  (e) => `INSERT INTO word VALUES (${e}, 1, 'x') ON DUPLICATE KEY UPDATE v = ${e}`,
  (e) => `INSERT INTO odd (id, n, t) VALUES (${e}, ${e}, ${e})`,
  (e) => `INSERT INTO kind VALUES (${e}, ${e}, 1)`,
  (e) => `REPLACE INTO uni SET email = ${e}, x = ${e}, y = 1`,
  (e) => `INSERT INTO pair SELECT ${e}, 1, 1`,
  (e) => `DELETE FROM odd WHERE z = ${e} OR t = ${e} OR j = ${e} OR n > ${e}`,
  (e) => `WITH x AS (SELECT ${e} AS y) DELETE FROM auto WHERE a = 1`,
  (e) => `SELECT ${e} INTO OUTFILE '/tmp/${canary}' FROM auto`,
  (e) => `LOAD DATA INFILE ${e} INTO TABLE auto`,
  (e) => `CALL move(${e}, 1)`,
  (e) => `DO ${e}`,
  (e) => `SET @a = ${e}`,
  (e) => `EXECUTE IMMEDIATE ${e}`,
  (e) => `BEGIN NOT ATOMIC DECLARE a INT DEFAULT ${e}; DELETE FROM auto WHERE a = ${e}; END`,
  (e) => `DELETE FROM auto PARTITION (p0) WHERE id IN (SELECT 1 UNION SELECT ${e})`,
];

export const statements: readonly string[] = [
  "DROP TABLE vault.secrets",
  "DELETE FROM vault.secrets WHERE secret = 'x'",
  "UPDATE vault.secrets, shop.auto SET secret = 'x', a = 1",
  "DELETE FROM audit_sync.pending",
  "TRUNCATE audit_sync.jobs",
  "UPDATE audit_sync.settings SET value = '0'",
  "INSERT INTO mysql.user VALUES (1)",
  "GRANT ALL ON *.* TO vault@'%'",
  "CREATE TABLE shop.`x``; DROP TABLE vault.secrets; --` (id INT PRIMARY KEY)",
  "ALTER TABLE shop.auto ADD COLUMN `x``y` INT DEFAULT SLEEP(9)",
  "RENAME TABLE vault.secrets TO shop.auto",
  "CREATE TRIGGER shop.t AFTER INSERT ON shop.auto FOR EACH ROW DELETE FROM vault.secrets",
  "CREATE DEFINER=root@localhost EVENT e ON SCHEDULE EVERY 1 SECOND DO DELETE FROM vault.secrets",
  "SET GLOBAL general_log = OFF",
  "KILL 1",
  "SHUTDOWN",
  "INSTALL SONAME 'x'",
  "FLUSH TABLES WITH READ LOCK",
  "LOCK TABLES shop.auto WRITE",
  "HANDLER vault.secrets OPEN",
  "",
  ";",
  "\0",
  "'",
  "\\",
  "DELETE FROM auto WHERE b = 'open",
  "DELETE FROM auto /* open",
  "DELETE FROM `auto",
];

/** Cuts a text into what looks like words, and swaps, drops, doubles and poisons some. */
export function mutate(text: string, random: Random): string {
  const parts = text.match(/'(?:[^'\\]|\\.)*'|\w+|\s+|./gsu) ?? [];
  for (let count = 1 + random.below(4); count > 0; count--) {
    const at = random.below(parts.length + 1);
    const other = random.below(parts.length + 1);
    const poison = random.pick(expressions);
    switch (random.below(6)) {
      case 0:
        parts.splice(at, 1, poison);
        break;
      case 1:
        parts.splice(at, 0, ` ${poison} `);
        break;
      case 2:
        parts.splice(at, 1);
        break;
      case 3:
        parts.splice(at, 0, parts[other] ?? "(");
        break;
      case 4:
        parts.splice(at, 1, random.pick(["'", '"', "`", "\\", "(", ")", "/*", "*/", "--", ";", "\0", ",", "\xbf\\'"]));
        break;
      default:
        parts.splice(at, 0, ` ${random.pick(["OR", "AND NOT", "IN", "BETWEEN", "=", "UNION SELECT"])} ${poison}`);
    }
  }
  return parts.join("");
}
