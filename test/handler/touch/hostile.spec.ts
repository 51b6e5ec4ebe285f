import { expect } from "chai";
import fc from "fast-check";
import { parseAuditLine, parseAuditMessage } from "../../../handler/log/auditLine";
import { Behind } from "../../../handler/source/behind";
import type { StoredProgram } from "../../../handler/source/catalog";
import { identifier, literal } from "../../../handler/sql/text";
import { superset } from "../../../handler/touch/predicate";
import { renderPredicate } from "../../../handler/touch/render";
import { buildTableIndex } from "../../../handler/touch/tableIndex";
import { autoIncrement, column, readerOf, table } from "./definitions";

/** An audit log holds whatever anybody with a connection to the source sent. */
const orders = table(
  "orders",
  [column("id", "int", autoIncrement), column("code", "varchar(20)"), column("n", "int")],
  {
    uniqueKeys: [["code"]],
    readByTriggers: new Set(["id", "code", "n"]),
  },
);
const items = table("items", [column("id", "int"), column("code", "varchar(20)")]);
const read = readerOf([orders, items]);

const bodies = {
  insert: "INSERT INTO items VALUES (NEW.id, NEW.code) ON DUPLICATE KEY UPDATE code = NEW.code",
  update: "UPDATE items SET code = NEW.code WHERE id = OLD.id OR id = NEW.n",
  delete: "DELETE FROM items WHERE id = OLD.id",
} as const;
const events = ["insert", "update", "delete"] as const;
const programs = events.map((event): StoredProgram => {
  const place = { type: "trigger", database: "shop", name: event, table: orders.name, timing: "after" } as const;
  return { ...place, event, body: bodies[event] };
});
const behind = new Behind(programs, [], buildTableIndex([orders, items]), [orders.name, items.name]);

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
  "a long sum": (length) => `DELETE FROM orders WHERE n = ${"id+".repeat(length / 3)}1`,
  "a long product": (length) => `DELETE FROM orders WHERE ${"id*".repeat(length / 3)}1 = 1`,
  "many ANDs": (length) => `DELETE FROM orders WHERE ${"n <> 1 AND ".repeat(length / 11)}id = 1`,
  "many BETWEENs": (length) => `DELETE FROM orders WHERE id ${"BETWEEN 1 AND ".repeat(length / 14)}2`,
  "many row comparisons": (length) => `DELETE FROM orders WHERE ${"(id, n) = (1, 2) OR ".repeat(length / 20)}n = 2`,
  "a wide row": (length) => `DELETE FROM orders WHERE (${"id,".repeat(length / 6)}1) = (${"1,".repeat(length / 4)}1)`,
  "many generated keys": (length) => `INSERT INTO orders (code, n) VALUES ${"('a',1),".repeat(length / 8)}('b',2)`,
  "many replaced rows": (length) => `REPLACE INTO orders VALUES ${"(1,'a',1),".repeat(length / 10)}(2,'b',2)`,
  "many deletes": (length) => "DELETE FROM orders WHERE id = 1;".repeat(length / 32),
  "nothing but semicolons": (length) => ";".repeat(length),
  "nested expressions with names": (length) => `${"WITH a AS (".repeat(length / 11)}SELECT 1`,
  "many UNIONs": (length) => `INSERT INTO orders ${"SELECT 1 UNION ".repeat(length / 15)}SELECT 1`,
  placeholders: (length) => `DELETE FROM orders WHERE id IN (${"?,".repeat(length / 2)}?)`,
  introducers: (length) => `DELETE FROM orders WHERE code = ${"_utf8 ".repeat(length / 6)}'a'`,
  commas: (length) => `DELETE FROM orders WHERE ${",".repeat(length)}`,
  "a long pattern": (length) => `DELETE FROM orders WHERE code LIKE '${"%a_".repeat(length / 3)}'`,
  "many variables": (length) => `BEGIN NOT ATOMIC ${"DECLARE a INT; ".repeat(length / 15)} END`,
};

const head = "20240531 12:00:01,db1,app,10.0.0.7,42,1234,QUERY,";
const cut = " [Your log message was truncated]";

/** The same for whole lines of a log. */
const lines: Readonly<Record<string, (length: number) => string>> = {
  "escaped backslashes": (length) => `${head}shop,'${"\\\\".repeat(length / 2)}',0`,
  "escaped quotes": (length) => `${head}shop,'${"\\'".repeat(length / 2)}',0`,
  "possible texts": (length) => `${head}${",'".repeat(length / 2)}`,
  "possible texts behind blanks": (length) => `${head}${" ".repeat(length / 2)}${",'".repeat(length / 4)}`,
  "possible texts behind a quoted name": (length) => `${head}\`${"a".repeat(length / 2)}${"`,'".repeat(length / 6)}x`,
  "possible endings": (length) => `${head}\`${"`,'',0,".repeat(length / 7)}`,
  "marks of a cut": (length) => `${head}shop,'a',0${cut.repeat(length / cut.length)}`,
  commas: (length) => ",".repeat(length),
  "possible heads": (length) => ",1".repeat(length / 2),
  "line breaks": (length) => "\r\n".repeat(length / 2) + "x",
  "short lines": (length) => "x\n".repeat(length / 2),
};

const [small, large] = [65_536, 1_048_576];

/** Work that grows with the square takes 256 times as long for the large text; four times the proportion is allowed. */
function expectLinear(make: (length: number) => string, work: (text: string) => void): void {
  const [short, long] = [make(small), make(large)];
  // A few milliseconds are not measured well; work that grows with the square takes seconds for the large text.
  const base = Math.max(5, Math.min(...[1, 2, 3].map(() => milliseconds(short, work))));
  let best = Infinity;
  for (let run = 0; run < 3 && best >= base * 64; run++) best = Math.min(best, milliseconds(long, work));
  expect(best / base).to.be.lessThan(64);
}

function milliseconds(text: string, work: (text: string) => void): number {
  const before = process.cpuUsage();
  work(text);
  return process.cpuUsage(before).user / 1000;
}

describe("the reading of hostile texts", function () {
  this.timeout(120_000);

  for (const [shape, make] of Object.entries(shapes)) {
    it(`takes no more than time in proportion to ${shape}`, () => {
      expectLinear(make, (text) => {
        const effects = read(text, { retcode: 0 });
        for (const touch of [...effects.touches, ...behind.touches(effects, "shop", text)]) {
          expect(touch.table.database).to.equal("shop");
        }
      });
    });
  }

  for (const [shape, make] of Object.entries(lines)) {
    it(`takes no more than time in proportion to a line of ${shape}`, () => {
      expectLinear(make, (line) => {
        const parsed = [parseAuditLine(line)];
        parseAuditMessage(line, { queryLogLimit: 1024 }, parsed);
        expect(parsed.length).to.be.greaterThan(1);
      });
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
          for (const touch of readerOf([orders])(`${start} ${parts.join(" ")}`).touches) {
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
