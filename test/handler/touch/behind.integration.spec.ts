import { expect } from "chai";
import { auditRecord } from "./superset/auditText";
import { Laboratory } from "./superset/laboratory";
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
    "programs",
    "CREATE TABLE programs (id INT PRIMARY KEY)",
    "CREATE TRIGGER parents_inserted AFTER INSERT ON parents FOR EACH ROW INSERT INTO log (text) VALUES (NEW.code)",
    "CREATE TRIGGER parents_updated AFTER UPDATE ON parents FOR EACH ROW BEGIN IF NEW.n > OLD.n THEN UPDATE counters SET n = n + 1 WHERE id = NEW.n; END IF; END",
    "CREATE TRIGGER nodes_deleted BEFORE DELETE ON nodes FOR EACH ROW CALL count_one(OLD.id)",
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
