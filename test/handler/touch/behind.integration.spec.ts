import { expect } from "chai";
import { readStatement } from "../../../handler/touch/statement";
import { buildTableIndex } from "../../../handler/touch/tableIndex";
import type { Touch, Write } from "../../../handler/touch/touch";
import { auditRecord } from "./superset/auditText";
import { Laboratory, type Derive } from "./superset/laboratory";
import type { Random } from "./superset/random";
import type { TestTable } from "./superset/schemas";
import { runRound } from "./superset/trials";

/** Only what the statement's own text and the source's metadata tell is used here, as with RDS for MySQL. */
const seconds = Number(process.env["SUPERSET_SECONDS"] ?? 10);
const firstSeed = Number(process.env["SUPERSET_SEED"] ?? Date.now() % 1_000_000_000);

function table(name: string, ...statements: readonly string[]): TestTable {
  return { name, columns: [], key: ["id"], statements };
}

const tables = [
  table(
    "parents",
    "CREATE TABLE parents (id INT AUTO_INCREMENT PRIMARY KEY, code VARCHAR(8) UNIQUE, n INT)",
    "INSERT INTO parents VALUES (1, 'a', 1), (2, 'b', 2), (3, 'c', 3), (4, 'd', NULL), (-5, 'e', 5)",
  ),
  table(
    "children",
    `CREATE TABLE children (id INT AUTO_INCREMENT PRIMARY KEY, parent INT, code VARCHAR(8), n INT,
       twice INT AS (parent * 2) VIRTUAL,
       FOREIGN KEY (parent) REFERENCES parents (id) ON DELETE CASCADE ON UPDATE CASCADE,
       FOREIGN KEY (code) REFERENCES parents (code) ON DELETE SET NULL ON UPDATE CASCADE)`,
    "INSERT INTO children (id, parent, code, n) VALUES (1, 1, 'b', 1), (2, 1, NULL, 2), (3, 2, 'c', 3), (4, NULL, 'a', 4), (5, 3, 'c', 0)",
  ),
  table(
    "grandchildren",
    `CREATE TABLE grandchildren (id INT PRIMARY KEY, child INT, n INT,
       FOREIGN KEY (child) REFERENCES children (id) ON DELETE SET NULL)`,
    "INSERT INTO grandchildren VALUES (1, 1, 0), (2, 2, 0), (3, 3, 0), (4, NULL, 0)",
  ),
  table(
    "details",
    `CREATE TABLE details (parent INT, line INT, n INT, PRIMARY KEY (parent, line),
       FOREIGN KEY (parent) REFERENCES parents (id) ON DELETE CASCADE ON UPDATE CASCADE)`,
    "INSERT INTO details VALUES (1, 1, 0), (1, 2, 0), (2, 1, 0), (3, 1, 0)",
  ),
  table(
    "nodes",
    `CREATE TABLE nodes (id INT PRIMARY KEY, up INT, n INT, FOREIGN KEY (up) REFERENCES nodes (id) ON DELETE CASCADE)`,
    "INSERT INTO nodes VALUES (1, NULL, 0), (2, 1, 0), (3, 2, 0), (4, 3, 0), (5, NULL, 0), (6, 5, 0)",
  ),
  table(
    "log",
    "CREATE TABLE log (id INT AUTO_INCREMENT PRIMARY KEY, text VARCHAR(40))",
    "INSERT INTO log (text) VALUES ('first')",
  ),
  table(
    "counters",
    "CREATE TABLE counters (id INT PRIMARY KEY, n INT)",
    "INSERT INTO counters VALUES (1, 0), (2, 0), (3, 0)",
  ),
  table(
    "lines",
    "CREATE TABLE `lines` (id INT AUTO_INCREMENT PRIMARY KEY, counter INT NOT NULL, qty INT, sku CHAR(6) NOT NULL, name VARCHAR(8) NOT NULL)",
    "INSERT INTO `lines` VALUES (1, 1, 1, 'A', 'a'), (2, 2, 2, 'b', 'B'), (3, 2, 3, 'C', 'c '), (-5, 3, NULL, '', '')",
  ),
  table(
    "stock",
    "CREATE TABLE stock (sku CHAR(6) PRIMARY KEY, name VARCHAR(8) UNIQUE, n INT)",
    "INSERT INTO stock VALUES ('a', 'a', 0), ('B', 'b ', 0), ('c', 'c', 0), ('', '', 0)",
  ),
  table(
    "facts",
    "CREATE TABLE facts (line INT NOT NULL, event CHAR(3), n INT, PRIMARY KEY (line, event))",
    "INSERT INTO facts VALUES (1, 'ins', 0), (2, 'upd', 0), (3, 'del', 0)",
  ),
  table(
    "programs",
    "CREATE TABLE programs (id INT PRIMARY KEY)",
    "CREATE TRIGGER parents_inserted AFTER INSERT ON parents FOR EACH ROW INSERT INTO log (text) VALUES (NEW.code)",
    "CREATE TRIGGER parents_updated AFTER UPDATE ON parents FOR EACH ROW BEGIN IF NEW.n > OLD.n THEN UPDATE counters SET n = n + 1 WHERE id = NEW.n; END IF; END",
    "CREATE TRIGGER nodes_deleted BEFORE DELETE ON nodes FOR EACH ROW CALL count_one(OLD.id)",
    "CREATE TRIGGER lines_inserted AFTER INSERT ON `lines` FOR EACH ROW BEGIN UPDATE stock SET n = n - NEW.qty WHERE sku = NEW.sku; INSERT INTO counters VALUES (NEW.counter, 1) ON DUPLICATE KEY UPDATE n = n + 1; INSERT IGNORE INTO stock VALUES ('new', NEW.name, 1); INSERT INTO log (text) VALUES (NEW.id); END",
    "CREATE TRIGGER lines_updated AFTER UPDATE ON `lines` FOR EACH ROW BEGIN UPDATE stock SET n = n + 1 WHERE sku = OLD.sku OR NOT name <> NEW.name; REPLACE INTO facts VALUES (NEW.id, 'upd', NEW.qty); UPDATE counters SET n = NEW.qty WHERE id IN (SELECT OLD.counter) OR id = NEW.counter; END",
    "CREATE TRIGGER lines_moving BEFORE UPDATE ON `lines` FOR EACH ROW BEGIN IF NEW.counter = 2 THEN SET NEW.counter = 3; END IF; END",
    "CREATE TRIGGER lines_making BEFORE INSERT ON `lines` FOR EACH ROW SET NEW.counter = IF(NEW.counter = 1, 3, NEW.counter)",
    "CREATE TRIGGER lines_deleted AFTER DELETE ON `lines` FOR EACH ROW BEGIN DELETE FROM facts WHERE line = OLD.id; REPLACE INTO stock VALUES (OLD.sku, OLD.name, OLD.qty); DELETE FROM nodes WHERE id = OLD.counter; END",
    "CREATE TRIGGER facts_replaced AFTER INSERT ON facts FOR EACH ROW UPDATE stock SET n = n + 10 WHERE name = NEW.event OR sku = NEW.event AND n < NEW.n",
    "CREATE PROCEDURE count_one(which INT) UPDATE counters SET n = n + 1 WHERE id = which",
    "CREATE PROCEDURE clear(n INT) BEGIN DECLARE id INT DEFAULT 2; DELETE FROM parents WHERE parents.id = id; UPDATE grandchildren g SET g.n = n WHERE g.id > 1; END",
    "CREATE FUNCTION noted(which INT) RETURNS INT MODIFIES SQL DATA BEGIN INSERT INTO log (text) VALUES ('noted'); UPDATE counters SET n = 9 WHERE id = which; RETURN which; END",
    "CREATE VIEW some_parents AS SELECT id, code, n FROM parents WHERE n < 3",
    "CREATE VIEW fewer_parents AS SELECT id, n FROM some_parents WHERE n > 0",
    "CREATE VIEW noting AS SELECT noted(id) AS seen FROM nodes WHERE id = 1",
  ),
] as const;

function statement(random: Random): string {
  const id = (): string => random.pick(["1", "2", "3", "-5", "'2'", "7"]);
  const code = (): string => random.pick(["'a'", "'B'", "'c '", "'x'"]);
  const line = (): string => `(${random.pick(["NULL", id(), id()])}, ${id()}, ${id()}, ${code()}, ${code()})`;
  const lines = random.pick([
    `INSERT INTO \`lines\` VALUES ${line()}`,
    `INSERT IGNORE INTO \`lines\` VALUES ${line()}, ${line()}, ${line()}`,
    `INSERT INTO \`lines\` (counter, sku, name) VALUES (${id()}, ${code()}, ${code()}), (${id()}, DEFAULT(sku), ${code()})`,
    `INSERT INTO \`lines\` SET counter = ${id()}, sku = ${code()}, name = ${code()}`,
    `INSERT INTO \`lines\` SELECT NULL, ${id()}, 1, ${code()}, 'q' FROM parents`,
    `REPLACE INTO \`lines\` VALUES ${line()}, ${line()}`,
    `INSERT INTO \`lines\` VALUES ${line()} ON DUPLICATE KEY UPDATE counter = ${id()}, name = ${code()}`,
    `UPDATE \`lines\` SET sku = ${code()}, counter = ${id()} WHERE id = ${id()}`,
    `UPDATE \`lines\` SET name = ${code()} WHERE sku = ${code()} AND qty > 0`,
    `UPDATE \`lines\` SET id = ${id()}, qty = 7 WHERE counter = ${id()} OR name = ${code()}`,
    `UPDATE \`lines\` SET qty = qty + 1 WHERE counter IN (${id()}, ${id()}) AND sku = ${code()}`,
    `DELETE FROM \`lines\` WHERE id = ${id()}`,
    `DELETE FROM \`lines\` WHERE id IN (${id()}, ${id()}) OR id = ${id()} AND qty > 1`,
    `DELETE FROM \`lines\` WHERE sku = ${code()} AND name = ${code()}`,
    `DELETE l FROM \`lines\` l JOIN parents p ON p.id = l.counter WHERE l.counter = ${id()}`,
    `BEGIN NOT ATOMIC DELETE FROM \`lines\` WHERE id = ${id()}; INSERT INTO \`lines\` VALUES ${line()}; END`,
    `INSERT INTO facts VALUES (${id()}, ${code()}, 4)`,
  ]);
  if (random.pick([true, false])) return lines;
  return random.pick([
    `DELETE FROM parents WHERE id = ${id()}`,
    `DELETE FROM parents WHERE id IN (${id()}, ${id()})`,
    `DELETE FROM parents WHERE code = ${code()}`,
    `DELETE FROM parents WHERE id = ${id()} AND n > 0 OR code = ${code()}`,
    `DELETE FROM parents WHERE n > ${id()}`,
    `UPDATE parents SET id = ${id()} WHERE id = ${id()}`,
    `UPDATE parents SET code = ${code()} WHERE id = ${id()}`,
    `UPDATE parents SET code = CONCAT(code, 'y') WHERE code = ${code()}`,
    `UPDATE parents SET n = n + 1 WHERE id = ${id()}`,
    `UPDATE parents SET id = id + 10`,
    `REPLACE INTO parents VALUES (${id()}, ${code()}, 2)`,
    `REPLACE INTO parents (code) VALUES (${code()})`,
    `INSERT INTO parents (id, code) VALUES (${id()}, ${code()}) ON DUPLICATE KEY UPDATE code = 'new'`,
    `INSERT INTO parents (code) VALUES (${code()}) ON DUPLICATE KEY UPDATE id = LAST_INSERT_ID(id), n = 3`,
    `INSERT IGNORE INTO parents (code) VALUES ('fresh')`,
    `DELETE FROM children WHERE id = ${id()}`,
    `DELETE c FROM parents p JOIN children c ON c.parent = p.id WHERE p.id = ${id()}`,
    `DELETE p, c FROM parents p JOIN children c ON c.parent = p.id WHERE c.id = ${id()}`,
    `DELETE FROM nodes WHERE id = ${id()}`,
    `UPDATE some_parents SET code = ${code()} WHERE id = ${id()}`,
    `DELETE FROM fewer_parents WHERE id = ${id()}`,
    `INSERT INTO some_parents (code) VALUES ('view')`,
    `INSERT INTO some_parents (id, code) VALUES (${id()}, ${code()}) ON DUPLICATE KEY UPDATE n = 2, code = ${code()}`,
    `UPDATE fewer_parents SET n = n + 1`,
    `CALL clear(${id()})`,
    `CALL count_one(${id()})`,
    `SELECT noted(${id()})`,
    `SELECT * FROM noting`,
    `DO shop . noted (${id()})`,
    `UPDATE counters SET n = noted(3) WHERE id = 1 AND n = noted(1)`,
    `EXECUTE IMMEDIATE 'DELETE FROM parents WHERE id = 1'`,
    `BEGIN NOT ATOMIC CALL clear(1); DELETE FROM nodes WHERE id = ${id()}; END`,
  ]);
}

/** Rules about the rows of triggers, broken each. */
const worseReadings: Readonly<Record<string, Derive>> = {
  "triggers run for the first inserted row only": (text, context) => {
    const effects = readStatement(text, context);
    const first = (inserted: NonNullable<Write["inserted"]>): Pick<Write, "inserted"> => ({
      inserted: new Map([...inserted].map(([name, literals]) => [name, literals.slice(0, 1)])),
    });
    return {
      ...effects,
      writes: effects.writes.map((write) => ({ ...write, ...(write.inserted && first(write.inserted)) })),
    };
  },
  "an UPDATE leaves every column as it was": (text, context) => {
    const effects = readStatement(text, context);
    const unchanged = (touch: Touch): Touch =>
      touch.kind === "where" ? { ...touch, changed: [], assigned: {} } : touch;
    return { ...effects, touches: effects.touches.map(unchanged) };
  },
  "BEFORE triggers set nothing": (text, context) => {
    const definitions = context.tables.all.map(({ definition }) => ({
      ...definition,
      setBeforeInsert: new Set<string>(),
      setBeforeUpdate: new Set<string>(),
    }));
    return readStatement(text, { ...context, tables: buildTableIndex(definitions) });
  },
};
const roundsForMutations = 30;

describe("what stands behind a statement, at a real server", function () {
  this.timeout(seconds * 1000 + 120_000);
  let laboratory: Laboratory;

  before(async () => {
    laboratory = await Laboratory.open();
  });

  after(async () => {
    await laboratory.close();
  });

  it(`is inside its touches (SUPERSET_SEED=${firstSeed})`, async () => {
    const deadline = Date.now() + seconds * 1000;
    let [cases, changing] = [0, 0];
    for (let seed = firstSeed; Date.now() < deadline || cases < 120; seed++) {
      for await (const trial of runRound(laboratory, { seed, tables: [...tables], statement })) {
        expect(trial.findings, trial.description).to.deep.equal([]);
        cases++;
        if (trial.changedRows > 0) changing++;
      }
    }

    expect(changing).to.be.greaterThan(cases / 3);
  });

  for (const [rule, derive] of Object.entries(worseReadings)) {
    it(`would show it: ${rule}`, async () => {
      expect(await shows(derive)).to.equal(true);
    });
  }

  async function shows(derive: Derive): Promise<boolean> {
    for (let seed = 1; seed <= roundsForMutations; seed++) {
      const round = { seed, tables: [...tables], statement, derive } as const;
      for await (const { findings } of runRound(laboratory, round)) if (findings.length > 0) return true;
    }
    return false;
  }

  it("is told by rows when a trigger's body names rows by what the statement inserted", async () => {
    await laboratory.prepare([...tables]);
    const text = "INSERT INTO `lines` VALUES (NULL, 2, 1, 'a', 'a'), (NULL, 3, 1, 'c', 'c')";
    const { touches, changedRows } = await laboratory.try(text, (code) => auditRecord("mariadb", "shop", text, code));

    expect(changedRows).to.equal(8);
    expect(touches.map(({ kind, table: { table: name } }) => `${name} ${kind}`)).to.deep.equal([
      "lines tail",
      "stock keys",
      // A BEFORE trigger may have changed NEW.counter.
      "counters all",
      "stock keys",
      "log tail",
    ]);
  });

  it("is told by rows when the statement names rows of the parent by key", async () => {
    await laboratory.prepare([...tables]);
    const record = (retcode: number): ReturnType<typeof auditRecord> =>
      auditRecord("mariadb", "shop", "DELETE FROM parents WHERE id = 3", retcode);
    const { touches, changedRows } = await laboratory.try("DELETE FROM parents WHERE id = 3", record);

    expect(changedRows).to.equal(4);
    expect(touches.map(({ kind, table: { table: name } }) => `${name} ${kind}`)).to.deep.equal([
      "parents keys",
      "children where",
      "grandchildren all",
      "children all",
      "details where",
    ]);
  });
});
