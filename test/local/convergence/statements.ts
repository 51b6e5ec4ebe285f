import type { Random } from "../../../local/random";

type Maker = (random: Random) => string;

const number = (random: Random, limit = 20): string => String(1 + random.below(limit));
const words = ["ant", "Bee", "bee", "cat ", "cat", "Dog", "eel", "fox"];
const word = (random: Random): string => `'${random.pick(words)}'`;
const email = (random: Random): string => `'m${random.below(12)}@x'`;
const rows = (random: Random, make: () => string): string =>
  Array.from({ length: 1 + random.below(3) }, make).join(", ");
const operator = (random: Random): string => random.pick(["=", "<", ">", "<=", "<>"]);

const writes: readonly Maker[] = [
  // Generated keys, in one statement and in many.
  (r) => `INSERT INTO auto (a, b) VALUES ${rows(r, () => `(${number(r)}, ${word(r)})`)}`,
  (r) => `INSERT INTO auto (a, b, seen) VALUES (${number(r)}, CONCAT('x', UUID_SHORT() % 7), NOW())`,
  (r) => `INSERT INTO auto (a, b) SELECT a + 1, b FROM auto WHERE id < ${number(r, 9)} LIMIT 3`,
  (r) => `INSERT INTO auto (id, a) VALUES (${number(r, 400)}, ${number(r)}) ON DUPLICATE KEY UPDATE a = a + 1`,
  (r) => `UPDATE auto SET a = ${number(r)}, seen = NOW() WHERE a ${operator(r)} ${number(r)}`,
  (r) => `UPDATE auto SET b = ${word(r)} WHERE b = ${word(r)} AND a < ${number(r)} ORDER BY id DESC LIMIT 2`,
  (r) => `DELETE FROM auto WHERE a = ${number(r)} OR id = ${number(r, 60)}`,
  (r) => `UPDATE auto SET id = id + ${200 + r.below(50)} WHERE id = ${number(r, 60)}`,
  // Unique values that wander, swap and collide.
  (r) =>
    `INSERT INTO uni (email, n, x, y) VALUES (${email(r)}, 1, ${number(r, 3)}, ${number(r, 3)}) ON DUPLICATE KEY UPDATE n = n + 1`,
  (r) => `REPLACE INTO uni (email, n, x, y) VALUES (${email(r)}, 2, ${number(r, 3)}, ${number(r, 3)})`,
  (r) => `INSERT IGNORE INTO uni (email, n) VALUES ${rows(r, () => `(${email(r)}, 3)`)}`,
  (r) => `UPDATE uni SET email = ${email(r)} WHERE id = ${number(r, 12)}`,
  (r) => `UPDATE IGNORE uni SET x = x + 1 WHERE n > ${number(r, 3)}`,
  () => `UPDATE uni SET email = CASE email WHEN 'm1@x' THEN 'tmp' ELSE email END WHERE n < 9`,
  (r) => `UPDATE uni SET email = NULL WHERE x = ${number(r, 3)}`,
  (r) => `DELETE FROM uni WHERE email LIKE 'm${r.below(12)}%'`,
  // Keys that compare without case and trailing space.
  (r) => `INSERT INTO word VALUES (${word(r)}, ${number(r)}, 'new') ON DUPLICATE KEY UPDATE v = VALUES(v)`,
  (r) => `REPLACE INTO word SET k = ${word(r)}, v = ${number(r)}`,
  (r) => `UPDATE word SET k = UPPER(k) WHERE v ${operator(r)} ${number(r)}`,
  (r) => `UPDATE word_view SET v = v + 1 WHERE k = ${word(r)}`,
  (r) => `DELETE FROM word WHERE k IN (${word(r)}, ${word(r)})`,
  // Composite keys, key shifts, joins.
  (r) => `INSERT IGNORE INTO pair VALUES ${rows(r, () => `(${number(r, 6)}, ${number(r, 6)}, ${number(r)})`)}`,
  (r) => `UPDATE pair SET v = v + 1 WHERE (a, b) IN ((1, 1), (${number(r, 6)}, ${number(r, 6)}))`,
  (r) => `UPDATE pair SET b = b + 1 WHERE a = ${number(r, 6)} ORDER BY b DESC`,
  (r) =>
    `UPDATE pair JOIN shift ON shift.id = pair.a SET pair.v = shift.v, shift.v = shift.v + 1 WHERE pair.b = ${number(r, 6)}`,
  (r) => `DELETE pair FROM pair JOIN shift ON shift.id = pair.a WHERE shift.v = ${number(r)}`,
  (r) => `INSERT IGNORE INTO shift VALUES (${number(r)}, ${number(r)})`,
  () => "UPDATE shift SET id = id + 1 ORDER BY id DESC",
  (r) => `UPDATE shift SET id = id - 1, v = v + 1 WHERE id > ${number(r)} ORDER BY id`,
  (r) => `DELETE FROM shift WHERE id > ${30 + r.below(30)} OR v = ${number(r)}`,
  // Keys that are an ENUM, unique keys that cannot be asked.
  (r) => `INSERT IGNORE INTO kind VALUES ('${r.pick(["z", "a", "m"])}', ${number(r, 8)}, ${number(r)})`,
  (r) => `UPDATE kind SET v = v + 1 WHERE kind = '${r.pick(["z", "a", "m"])}' AND id < ${number(r, 8)}`,
  (r) => `UPDATE IGNORE kind SET kind = 'a' WHERE v = ${number(r)}`,
  (r) => `INSERT IGNORE INTO live (id, email, gone) VALUES (${number(r)}, ${email(r)}, ${r.below(2)})`,
  (r) => `UPDATE IGNORE live SET gone = 1 - gone WHERE id ${operator(r)} ${number(r)}`,
  (r) => `UPDATE IGNORE live SET email = ${email(r)} WHERE id = ${number(r)}`,
  (r) => `DELETE FROM live WHERE email = ${email(r)}`,
  (r) => `INSERT IGNORE INTO body VALUES (${number(r)}, 'ab${r.below(9)}${r.below(9)}')`,
  (r) => `UPDATE IGNORE body SET text_ = 'ab${r.below(9)}z' WHERE id = ${number(r)}`,
  (r) => `DELETE FROM body WHERE text_ LIKE 'ab${r.below(9)}%'`,
  // Foreign keys.
  (r) => `INSERT IGNORE INTO parent VALUES (${number(r)}, ${number(r)})`,
  (r) => `INSERT IGNORE INTO child (parent, v) VALUES (${number(r)}, ${number(r)})`,
  (r) => `INSERT IGNORE INTO grandchild VALUES (${number(r)}, ${number(r, 40)})`,
  (r) => `UPDATE IGNORE parent SET id = ${number(r)} WHERE id = ${number(r)}`,
  (r) => `DELETE FROM parent WHERE v = ${number(r)}`,
  (r) => `UPDATE IGNORE child SET id = id + 100 WHERE id = ${number(r, 40)}`,
  (r) => `INSERT IGNORE INTO tree VALUES (${number(r)}, NULLIF(${number(r)}, 7))`,
  (r) => `DELETE FROM tree WHERE id = ${number(r)}`,
  // Targets that do not show every state.
  (r) =>
    `INSERT INTO filtered VALUES (${number(r)}, ${r.below(4)}, ${number(r)}, 0) ON DUPLICATE KEY UPDATE state = VALUES(state)`,
  (r) => `UPDATE filtered SET state = ${r.below(4)} WHERE v ${operator(r)} ${number(r)}`,
  (r) => `UPDATE filtered SET v = v + 1, w = ${number(r)} WHERE state = ${r.below(4)} AND w < ${number(r)}`,
  (r) => `DELETE FROM filtered WHERE v = ${number(r)}`,
  (r) => `INSERT IGNORE INTO part VALUES (${number(r)}, ${number(r)}, ${number(r)}, ${email(r)})`,
  (r) => `UPDATE IGNORE part SET shown = ${number(r)}, hidden = hidden + 1 WHERE hidden = ${number(r)}`,
  (r) => `UPDATE IGNORE part SET email = ${email(r)} WHERE shown = ${number(r)}`,
  (r) => `DELETE FROM part WHERE hidden = ${number(r)}`,
  (r) => `DELETE FROM part WHERE id = ${number(r)}`,
  // Values.
  (r) =>
    `INSERT INTO odd VALUES (18446744073709551${r.pick(["600", "601", "615"])}, -${number(r)}.5, 'é\\'"\\\\', '{"a": [1, "ü"]}', X'00ff5c27') ON DUPLICATE KEY UPDATE n = n + 0.1`,
  (r) => `UPDATE odd SET t = CONCAT(LEFT(t, 5), ${word(r)}), z = UNHEX('${number(r, 8)}0') WHERE n < ${number(r)}`,
  () => "DELETE FROM odd WHERE n > 12",
  // Routines.
  (r) => `CALL move(${number(r, 6)}, ${number(r, 6)})`,
  (r) => `CALL refill(${number(r, 8)})`,
];

/** These compare whole tables, which mends whatever was missed, so most runs go without them. */
const rare: readonly Maker[] = [
  () => "EXECUTE IMMEDIATE 'UPDATE shift SET v = ? WHERE id < 9' USING 5",
  (r) => `TRUNCATE TABLE ${r.pick(["auto", "log", "pair", "uni"])}`,
  () => "ALTER TABLE auto AUTO_INCREMENT = 1",
  (r) => `ALTER TABLE auto ADD INDEX i${r.below(100_000)} (a)`,
  () => "DELETE FROM log",
  () => "RENAME TABLE kind TO kind_old, pair TO kind_other, kind_other TO pair, kind_old TO kind",
];

/** A statement that writes; some fail, which is part of the test. */
export function anyWrite(random: Random, withRare: boolean): string {
  return withRare && random.chance(0.01) ? random.pick(rare)(random) : random.pick(writes)(random);
}

/** A write after which no whole table is compared. */
export function narrowWrite(random: Random): string {
  for (;;) {
    const sql = random.pick(writes)(random);
    if (!sql.startsWith("CALL") && !sql.includes("word_view")) return sql;
  }
}
