/** Statements as a shop's application sends them through an ORM and by hand. */
import { type Random } from "../../local/random";

interface Kind {
  /** How many of a hundred statements. */
  readonly share: number;
  readonly make: (random: Random) => string;
}

const id = (random: Random): number => 1 + random.below(5_000_000);
const word = (random: Random): string => random.pick(["open", "paid", "sent", "done", "O\\'Neil", "back order"]);

const writes: readonly Kind[] = [
  { share: 14, make: (r) => `UPDATE orders SET status = '${word(r)}' WHERE id = ${id(r)}` },
  {
    share: 6,
    make: (r) =>
      `UPDATE \`shop\`.\`customers\` SET \`name\` = '${word(r)}', \`email\` = 'user${id(r)}@example.com' WHERE \`customers\`.\`id\` = ${id(r)}`,
  },
  { share: 5, make: (r) => `UPDATE stock SET quantity = quantity - 1 WHERE product_id = ${id(r)} AND quantity >= 1` },
  {
    share: 3,
    make: (r) =>
      `UPDATE orders SET status = 'late' WHERE status = '${word(r)}' AND ordered_at < '2026-01-${10 + r.below(18)}'`,
  },
  {
    share: 9,
    make: (r) =>
      `INSERT INTO orders (customer_id, status, total, ordered_at) VALUES (${id(r)}, 'open', ${r.below(900)}.95, NOW())`,
  },
  {
    share: 9,
    make: (r) =>
      `INSERT INTO order_lines (order_id, line, product_id, quantity) VALUES (${id(r)}, 1, ${id(r)}, 2), (${id(r)}, 2, ${id(r)}, 1)`,
  },
  {
    share: 3,
    make: (r) =>
      `INSERT INTO stock (product_id, quantity, reserved) VALUES (${id(r)}, 10, 0) ON DUPLICATE KEY UPDATE quantity = quantity + 10`,
  },
  { share: 4, make: (r) => `DELETE FROM order_lines WHERE order_id = ${id(r)} AND line = ${1 + r.below(9)}` },
  { share: 2, make: (r) => `DELETE FROM orders WHERE customer_id IN (${id(r)}, ${id(r)}, ${id(r)})` },
];

const others: readonly Kind[] = [
  { share: 20, make: (r) => `SELECT * FROM orders WHERE id = ${id(r)}` },
  {
    share: 10,
    make: (r) =>
      `SELECT o.id, o.total, c.name FROM orders o JOIN customers c ON c.id = o.customer_id WHERE o.status = '${word(r)}' ORDER BY o.ordered_at DESC LIMIT 20`,
  },
  { share: 7, make: () => "START TRANSACTION" },
  { share: 7, make: () => "COMMIT" },
  { share: 1, make: () => "SET NAMES utf8mb4" },
];

/** All of it: what a full QUERY log holds, with reads and transactions. */
export function applicationMix(random: Random, count: number): readonly string[] {
  return mix([...writes, ...others], random, count);
}

/** Only what changes rows. */
export function applicationWrites(random: Random, count: number): readonly string[] {
  return mix(writes, random, count);
}

function mix(kinds: readonly Kind[], random: Random, count: number): readonly string[] {
  const hundred = kinds.flatMap((kind) => Array.from({ length: kind.share }, () => kind));
  return Array.from({ length: count }, () => random.pick(hundred).make(random));
}
