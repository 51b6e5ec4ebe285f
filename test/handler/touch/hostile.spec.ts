import { expect } from "chai";
import fc from "fast-check";
import { identifier, literal } from "../../../handler/sql/text";
import { superset } from "../../../handler/touch/predicate";
import { renderPredicate } from "../../../handler/touch/render";
import { autoIncrement, column, readerOf, table } from "./definitions";

/** An audit log holds whatever anybody with a connection to the source sent. */
const read = readerOf([
  table("orders", [column("id", "int", autoIncrement), column("code", "varchar(20)"), column("n", "int")], {
    uniqueKeys: [["code"]],
  }),
]);

const size = 100_000;

/** Shapes that make careless readers slow, deep or large; of about the same length each. */
const shapes: Readonly<Record<string, (length: number) => string>> = {
  "open parentheses": (length) => `DELETE FROM orders WHERE ${"(".repeat(length)}`,
  "closed parentheses": (length) => `DELETE FROM orders WHERE ${"(".repeat(length / 2)}1${")".repeat(length / 2)}`,
  "NOT in a row": (length) => `DELETE FROM orders WHERE ${"NOT ".repeat(length / 4)}id = 1`,
  "signs in a row": (length) => `DELETE FROM orders WHERE id = ${"- ".repeat(length / 2)}1`,
  "nested calls": (length) => `DELETE FROM orders WHERE ${"LOWER(".repeat(length / 6)}code`,
  "nested CASE": (length) => `UPDATE orders SET n = ${"CASE WHEN ".repeat(length / 10)}1`,
  "nested rows": (length) => `DELETE FROM orders WHERE ${"(id, ".repeat(length / 5)}1`,
  "a long list": (length) => `DELETE FROM orders WHERE id IN (${"1,".repeat(length / 2)}1)`,
  "many conditions": (length) => `DELETE FROM orders WHERE ${"id = 1 OR ".repeat(length / 10)}n = 2`,
  "many comparisons": (length) => `DELETE FROM orders WHERE id ${"= id ".repeat(length / 5)}`,
  "many rows": (length) => `INSERT INTO orders (id, code) VALUES ${"(1,'a'),".repeat(length / 8)}(2,'b')`,
  "many rows of an upsert": (length) =>
    `INSERT INTO orders (code) VALUES ${"('a'),".repeat(length / 6)}('b') ON DUPLICATE KEY UPDATE n = 1`,
  "many assignments": (length) => `UPDATE orders SET ${"n = 1, ".repeat(length / 7)}n = 2 WHERE id = 1`,
  "many tables": (length) => `UPDATE ${"orders, ".repeat(length / 8)}orders SET n = 1`,
  "many joins": (length) => `DELETE a FROM orders a ${"JOIN orders ON n ".repeat(length / 17)} WHERE a.id = 1`,
  "many targets": (length) => `DELETE ${"orders, ".repeat(length / 8)}orders FROM orders`,
  "many statements": (length) => "DO 1;".repeat(length / 5),
  "many expressions with names": (length) => `WITH ${"a AS (SELECT 1), ".repeat(length / 17)}b AS (SELECT 1) SELECT 1`,
  "doubled quotes": (length) => `DELETE FROM orders WHERE code = '${"''".repeat(length / 2)}'`,
  backslashes: (length) => `DELETE FROM orders WHERE code = '${"\\'".repeat(length / 2)}'`,
  "adjacent strings": (length) => `DELETE FROM orders WHERE code = ${"'\\a' ".repeat(length / 5)}`,
  "an open string": (length) => `DELETE FROM orders WHERE code = '${"a".repeat(length)}`,
  "mixed quotes": (length) => `DELETE FROM orders WHERE code = ${`"a\\"'b\\'`.repeat(length / 8)}`,
  "open comments": (length) => `DELETE FROM orders ${"/* ".repeat(length / 3)}`,
  "executable comments": (length) => `DELETE FROM orders ${"/*! */".repeat(length / 6)}`,
  "spaces in a text of Aurora's": (length) => `DELETE FROM orders WHERE code = '${"a ".repeat(length / 2)}'`,
  "a long number": (length) => `DELETE FROM orders WHERE id = ${"9".repeat(length)}`,
  "a long hexadecimal number": (length) => `DELETE FROM orders WHERE id = 0x${"f".repeat(length)}`,
  "a long bit string": (length) => `DELETE FROM orders WHERE id = b'${"1".repeat(length)}'`,
  "a long name": (length) => `DELETE FROM orders WHERE ${"a".repeat(length)} = 1`,
  "a long path": (length) => `DELETE FROM orders WHERE ${"a.".repeat(length / 2)}b = 1`,
  "a long program": (length) => `BEGIN NOT ATOMIC ${"IF 1 THEN BEGIN ".repeat(length / 16)} END`,
  "many variables": (length) => `BEGIN NOT ATOMIC ${"DECLARE a INT; ".repeat(length / 15)} END`,
};

describe("the reading of hostile texts", function () {
  this.timeout(120_000);

  for (const [shape, make] of Object.entries(shapes)) {
    // A reader whose work grows with the square of the text would need minutes here; ten seconds leave room for any machine.
    it(`takes no more than time in proportion to ${shape}`, () => {
      for (const dialect of ["mariadb", "aurora"] as const) {
        const text = make(size);
        const before = process.cpuUsage();
        const { touches } = read(text, { dialect });
        const seconds = process.cpuUsage(before).user / 1_000_000;

        expect(seconds).to.be.lessThan(10);
        for (const touch of touches) expect(touch.table).to.deep.equal({ database: "shop", table: "orders" });
      }
    });
  }

  it("needs a bounded multiple of a text's length in memory", () => {
    for (const [shape, make] of Object.entries(shapes)) {
      const text = make(100_000);
      const before = process.memoryUsage().heapUsed;
      const effects = read(text);
      const used = process.memoryUsage().heapUsed - before;

      expect(used, shape).to.be.lessThan(150_000_000);
      expect(effects.touches.length, shape).to.be.lessThan(50_000);
    }
  });

  it("lets nothing of a text into a predicate but own columns, literals and functions of the list", () => {
    const pieces = fc.constantFrom(
      ..."id code n orders ( ) , ; = < AND OR NOT IN BETWEEN LIKE NULL 1 0x1F 'a' 'x\\'y' \"q\" `id` SLEEP(9) BENCHMARK(1,2) LOAD_FILE('/etc/passwd') @@version @x SELECT UNION -- /* */ REPEAT('a',9) LOWER(code) MOD(n,2) n+1".split(
        " ",
      ),
    );
    const allowed =
      /^(?:`id`|`code`|`n`|_utf8mb4'(?:[^'\\]|\\.)*'|X'[0-9a-f]*'|[-+*%=<>(),. ]|\d+(?:\.\d+)?(?:e-?\d+)?|AND|OR|NOT|IN|BETWEEN|LIKE|ESCAPE|IS|NULL|TRUE|FALSE|DIV|LOWER|MOD|REPLACE)*$/su;
    fc.assert(
      fc.property(
        fc.array(pieces, { maxLength: 30 }),
        fc.constantFrom("DELETE FROM orders WHERE", "UPDATE orders SET n = 1 WHERE"),
        (parts, start) => {
          for (const touch of read(`${start} ${parts.join(" ")}`).touches) {
            expect(touch.table).to.deep.equal({ database: "shop", table: "orders" });
            if (touch.kind !== "where") continue;
            const sql = renderPredicate(
              superset(touch.predicate, () => true),
              { column: identifier, literal },
            );
            expect(allowed.test(sql), sql).to.equal(true);
          }
        },
      ),
      { numRuns: 3000 },
    );
  });
});
