/** The three kinds of work that followers have to catch up with, on tables of one shape. */
import { createRandom } from "../../local/random";

export interface Workload {
  readonly name: string;
  readonly table: string;
  /** Rows that all sides have before the work begins. */
  readonly rows: number;
  readonly statements: (count: number) => readonly string[];
}

/** An ordinary table: about 100 bytes a row, a second index, exact numbers, text and a time. */
export function createTable(table: string): string {
  return `CREATE TABLE IF NOT EXISTS shop.${table} (
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, customer_id INT NOT NULL, status VARCHAR(20) NOT NULL,
    quantity INT NOT NULL, price DECIMAL(10,2) NOT NULL, note VARCHAR(200), changed_at DATETIME NOT NULL,
    KEY customer (customer_id))`;
}

/** The same rows wherever it runs. Needs the SEQUENCE engine, which MariaDB has built in. */
export function fillTable(table: string, rows: number, from = 1): string {
  return `INSERT INTO shop.${table} (id, customer_id, status, quantity, price, note, changed_at)
    SELECT seq, seq * 7 % 100000, 'open', seq % 100, (seq % 9973) / 100, CONCAT('the note of order ', seq),
      '2026-01-01 00:00:00' FROM seq_${from}_to_${rows}`;
}

function update(table: string, id: number, turn: number): string {
  return `UPDATE ${table} SET status = 'paid', quantity = ${turn % 1000}, note = 'changed in turn ${turn}', changed_at = '2026-01-02 03:04:05' WHERE id = ${id}`;
}

/** (a) Each row is changed again and again: what counts is its last state. */
export function hotRows(rows: number): Workload {
  return {
    name: "hot rows",
    table: "hot",
    rows,
    statements: (count) => {
      const random = createRandom("bench", "hot rows");
      return Array.from({ length: count }, (_, turn) => update("hot", 1 + random.below(rows), turn));
    },
  };
}

/** (b) Each statement changes a row of its own, in no order. `rows`: of the table, at least as many as statements. */
export function distinctRows(rows: number, table = "spread"): Workload {
  return {
    name: "distinct rows",
    table,
    rows,
    statements: (count) => {
      const step = coprimeStep(rows);
      return Array.from({ length: count }, (_, turn) => update(table, 1 + ((turn * step) % rows), turn));
    },
  };
}

/** (c) New rows under keys that the texts do not name. */
export function inserts(): Workload {
  return {
    name: "inserts",
    table: "inserted",
    rows: 0,
    statements: (count) =>
      Array.from(
        { length: count },
        (_, turn) =>
          `INSERT INTO inserted (customer_id, status, quantity, price, note, changed_at) VALUES (${turn % 100_000}, 'open', ${turn % 100}, 19.95, 'the note of turn ${turn}', '2026-01-02 03:04:05')`,
      ),
  };
}

/** Steps of this length visit every one of `rows` places before the first one again. */
function coprimeStep(rows: number): number {
  for (let step = Math.max(1, Math.floor(rows * 0.618)); ; step++) if (divisor(step, rows) === 1) return step;
}

function divisor(a: number, b: number): number {
  return b === 0 ? a : divisor(b, a % b);
}
