/** Tables of many shapes with few keys, so that connections meet each other's rows all the time. */
import type { Route } from "../../../handler/contract/routes";
import { parseTargets } from "../../../handler/contract/routes";

/** Statements that make the tables in the session's database; the target has them too, but for triggers. */
export const tables: readonly string[] = [
  "CREATE TABLE auto (id INT AUTO_INCREMENT PRIMARY KEY, a INT, b VARCHAR(20), seen DATETIME NULL)",
  "CREATE TABLE uni (id INT AUTO_INCREMENT PRIMARY KEY, email VARCHAR(30) UNIQUE, n INT, x INT, y INT, UNIQUE KEY (x, y))",
  "CREATE TABLE word (k VARCHAR(12) COLLATE utf8mb4_general_ci PRIMARY KEY, v INT, w VARCHAR(20))",
  "CREATE TABLE pair (a INT, b INT, v INT, PRIMARY KEY (a, b))",
  "CREATE TABLE shift (id INT PRIMARY KEY, v INT)",
  "CREATE TABLE kind (kind ENUM('z', 'a', 'm'), id INT, v INT, PRIMARY KEY (kind, id))",
  "CREATE TABLE live (id INT PRIMARY KEY, email VARCHAR(20), gone INT, live VARCHAR(20) AS (IF(gone = 1, NULL, email)) VIRTUAL, UNIQUE KEY (live))",
  "CREATE TABLE body (id INT PRIMARY KEY, text_ VARCHAR(50), UNIQUE KEY (text_(3)))",
  "CREATE TABLE parent (id INT PRIMARY KEY, v INT)",
  "CREATE TABLE child (id INT AUTO_INCREMENT PRIMARY KEY, parent INT, v INT, FOREIGN KEY (parent) REFERENCES parent (id) ON DELETE CASCADE ON UPDATE CASCADE)",
  "CREATE TABLE grandchild (id INT PRIMARY KEY, child INT, FOREIGN KEY (child) REFERENCES child (id) ON DELETE CASCADE ON UPDATE SET NULL)",
  "CREATE TABLE tree (id INT PRIMARY KEY, up INT, FOREIGN KEY (up) REFERENCES tree (id) ON DELETE CASCADE)",
  "CREATE TABLE log (id INT AUTO_INCREMENT PRIMARY KEY, ref INT, note VARCHAR(20))",
  "CREATE TABLE filtered (id INT PRIMARY KEY, state INT, v INT, w INT)",
  "CREATE TABLE part (id INT PRIMARY KEY, shown INT, hidden INT, email VARCHAR(20) UNIQUE)",
  "CREATE TABLE odd (id BIGINT UNSIGNED PRIMARY KEY, n DECIMAL(20,5), t VARCHAR(20) CHARACTER SET latin1, j JSON, z VARBINARY(9))",
];

export const programs: readonly string[] = [
  "CREATE TRIGGER after_shift AFTER UPDATE ON shift FOR EACH ROW INSERT INTO log (ref, note) VALUES (NEW.id, 'shift')",
  "CREATE TRIGGER before_odd BEFORE UPDATE ON odd FOR EACH ROW SET NEW.n = NEW.n + 1",
  "CREATE PROCEDURE move(IN f INT, IN t INT) BEGIN UPDATE pair SET a = t WHERE a = f AND b < 3; DELETE FROM word WHERE v = f; END",
  "CREATE PROCEDURE refill(IN n INT) BEGIN DELETE FROM kind WHERE id > n; INSERT INTO auto (a, b) VALUES (n, 'refill'), (n, 'twice'); END",
  "CREATE VIEW word_view AS SELECT k, v FROM word WHERE v < 50",
];

/** Routes of the last kind show the target less than the source has. */
export function routesOf(database: string): readonly Route[] {
  const [target] = parseTargets([
    {
      name: "target",
      routes: [
        { source: `${database}.*` },
        { source: `${database}.filtered`, where: { state: [1, 2] } },
        {
          source: `${database}.part`,
          target: `${database}.part_copy`,
          columns: { id: "id", shown: "seen", email: "email" },
        },
      ],
    },
  ]);
  return target?.routes ?? [];
}

export const targetOnly: readonly string[] = [
  "CREATE TABLE part_copy (id INT PRIMARY KEY, seen INT, email VARCHAR(20) UNIQUE, own VARCHAR(10) DEFAULT 'own')",
];
