import { expect } from "chai";
import { Behind } from "../../../handler/source/behind";
import type { StoredProgram } from "../../../handler/source/catalog";
import { buildTableIndex } from "../../../handler/touch/tableIndex";
import { autoIncrement, column, nullable, readerOf, table } from "../touch/definitions";

const readByTriggers = new Set(["id", "sku", "qty", "ref"]);
const tables = [
  table(
    "lines",
    [
      column("id", "int", autoIncrement),
      column("sku", "char(6)"),
      column("qty", "int", nullable),
      column("ref", "int", nullable),
    ],
    { readByTriggers },
  ),
  table("stock", [column("sku", "char(6)"), column("n", "int")]),
  table("audit", [column("id", "int", autoIncrement), column("what", "varchar(20)")]),
  table("sums", [column("line", "int"), column("n", "int")]),
  table("labels", [column("sku", "varchar(6)", { collation: "utf8mb4_bin" }), column("n", "int")]),
];

/** What fires on `lines`, as `table kind`, with the values that a condition or key names. */
function behind(
  event: "insert" | "update" | "delete",
  body: string,
  sql: string,
  timing: "before" | "after" = "after",
): string[] {
  const name = { database: "shop", table: "lines" };
  const program: StoredProgram = { type: "trigger", database: "shop", name: "t", table: name, event, timing, body };
  const index = buildTableIndex(tables);
  const found = new Behind(
    [program],
    [],
    index,
    tables.map((each) => each.name),
  );
  return found.touches(readerOf(tables)(sql), "shop", sql).map((touch) => {
    const shown = touch.kind === "keys" ? touch.keys : touch.kind === "where" ? touch.predicate : touch.kind;
    const values = JSON.stringify(shown).match(/"(?:text|value)":"[^"]*"/gu) ?? [];
    return [touch.table.table, touch.kind, ...values.map((value) => value.replace(/^.*?:|"/gu, ""))].join(" ");
  });
}

const reserve = "UPDATE stock SET n = n - NEW.qty WHERE sku = NEW.sku";

describe("the rows behind a trigger", () => {
  it("are those that the literals of an INSERT name", () => {
    expect(behind("insert", reserve, "INSERT INTO `lines` VALUES (NULL, 'a', 1, 2), (NULL, 'b', 1, 2)")).to.deep.equal([
      "stock keys a b",
    ]);
    expect(
      behind("insert", "INSERT INTO audit (what) VALUES (NEW.sku)", "INSERT INTO `lines` SET sku = 'a'"),
    ).to.deep.equal(["audit tail"]);
    const upsert = "BEGIN INSERT INTO sums VALUES (NEW.ref, 1) ON DUPLICATE KEY UPDATE n = n + 1; END";
    expect(behind("insert", upsert, "INSERT INTO `lines` VALUES (5, 'a', 1, 7)")).to.deep.equal(["sums keys 7"]);
  });

  it("are those that the condition and the assignments of an UPDATE name", () => {
    const body = "UPDATE stock SET n = n + 1 WHERE sku = OLD.sku OR sku = NEW.sku";
    expect(behind("update", body, "UPDATE `lines` SET sku = 'b' WHERE sku = 'a'")).to.deep.equal(["stock keys a b"]);
    const sums = "UPDATE sums SET n = 1 WHERE line IN (0) OR line = NEW.id";
    expect(behind("update", sums, "UPDATE `lines` SET id = 7 WHERE id = 5")).to.deep.equal(["sums keys 0 5 7"]);
  });

  it("are those that the condition of a DELETE names", () => {
    expect(
      behind("delete", "DELETE FROM sums WHERE line = OLD.id", "DELETE FROM `lines` WHERE id IN (3, 4)"),
    ).to.deep.equal(["sums keys 3 4"]);
  });

  it("are all when a value is not certain", () => {
    const all = ["stock all"];
    expect(behind("insert", reserve, "INSERT INTO `lines` VALUES (NULL, UPPER('a'), 1, 2)")).to.deep.equal(all);
    expect(behind("insert", reserve, "INSERT INTO `lines` VALUES (NULL, 'too long', 1, 2)")).to.deep.equal(all);
    expect(behind("insert", reserve, "INSERT INTO `lines` (qty) VALUES (1)")).to.deep.equal(all);
    expect(
      behind(
        "update",
        "UPDATE stock SET n = 1 WHERE sku = NEW.sku",
        "UPDATE `lines` SET sku = sku + 1 WHERE sku = '1'",
      ),
    ).to.deep.equal(all);
    expect(
      behind("delete", "DELETE FROM stock WHERE NOT sku = OLD.sku", "DELETE FROM `lines` WHERE sku = 'a'"),
    ).to.deep.equal(all);
    expect(
      behind("delete", "DELETE FROM stock WHERE sku = OLD.sku", "DELETE FROM `lines` WHERE qty = 1"),
    ).to.deep.equal(all);
    const sums = "INSERT INTO sums VALUES (NEW.id, 1)";
    expect(behind("insert", sums, "INSERT INTO `lines` VALUES (0, 'a', 1, 2)")).to.deep.equal(["sums all"]);
    expect(
      behind("delete", "DELETE FROM labels WHERE sku = OLD.sku", "DELETE FROM `lines` WHERE sku = 'a'"),
    ).to.deep.equal(["labels all"]);
  });

  it("are none of an UPDATE trigger's unless the INSERT may update", () => {
    const insert = "INSERT INTO `lines` VALUES (5, 'a', 1, 2)";
    const body = "UPDATE sums SET n = 1 WHERE line = OLD.id";

    expect(behind("update", body, insert)).to.deep.equal([]);
    expect(behind("update", body, `${insert} ON DUPLICATE KEY UPDATE qty = 3`)).to.deep.equal(["sums keys 5"]);
  });

  it("are all when there are too many to name", () => {
    const rows = Array.from({ length: 1001 }, (_, number) => `(NULL, '${number}', 1, 2)`).join(", ");

    expect(behind("insert", reserve, `INSERT INTO \`lines\` VALUES ${rows}`)).to.deep.equal(["stock all"]);
  });
});
