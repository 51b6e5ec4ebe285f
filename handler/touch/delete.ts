/** DELETE from one table or from several. */
import { comma, type Cursor } from "./cursor";
import { keyword, keywords } from "./keywords";
import { readAlias, readConditions, readFactors, skipStar, skipTableSuffix, type Factors } from "./references";
import { touchRows } from "./rowsTouch";
import { readTableName, type NamedTable, type Run } from "./run";
import { exposedName, sameName, TableScope, type TableFactor } from "./tableScope";

const word = {
  from: keyword("from"),
  using: keyword("using"),
  where: keyword("where"),
  history: keyword("history"),
};

const modifiers = keywords("low_priority quick ignore");
const endOfTables = keywords("where order limit returning");
/** What may follow a single table. */
const afterTable = keywords("where order limit returning");

/** Behind DELETE; false: not understood. */
export function readDelete(cursor: Cursor, run: Run): boolean {
  cursor.skipAny(modifiers);
  const history = cursor.keyword() === word.history && cursor.tokens.keyword(cursor.position + 1) === word.from;
  if (history) {
    // Old versions of rows go; the rows themselves stay.
    cursor.position += 2;
    const name = readTableName(cursor, run);
    if (name !== undefined) run.write(name, "delete");
    return name !== undefined;
  }
  if (!cursor.accept(word.from)) return readSeveral(cursor, run, word.from);
  const start = cursor.position;
  const factors = readSingleTable(cursor, run);
  if (factors !== undefined) return deleteFrom(cursor, run, factors, factors.list);
  cursor.position = start;
  return readSeveral(cursor, run, word.using);
}

/** `t [PARTITION (..)] [FOR PORTION OF ..] [[AS] x] [WHERE ..]`; `undefined` when it is a list of tables. */
function readSingleTable(cursor: Cursor, run: Run): Factors | undefined {
  const name = readTableName(cursor, run);
  if (name === undefined) return undefined;
  const splitsRows = skipTableSuffix(cursor);
  const alias = cursor.keyword() === word.using ? undefined : readAlias(cursor);
  const complete = cursor.atEnd() || afterTable.has(cursor.keyword());
  return complete ? { list: [{ name, alias }], innerConditions: [], splitsRows } : undefined;
}

/** `a, b.* FROM ..` and, behind FROM, `a, b USING ..`. */
function readSeveral(cursor: Cursor, run: Run, separator: number): boolean {
  const targets: NamedTable[] = [];
  do {
    const target = readTarget(cursor);
    if (target === undefined) return false;
    targets.push(target);
  } while (cursor.acceptSymbol(comma));
  if (!cursor.accept(separator)) return false;
  const factors = readFactors(cursor, run, endOfTables);
  if (factors === undefined) return false;
  const matching = factors.list.filter((factor) => targets.some((target) => isTarget(target, factor)));
  // A target that stands for no table of the list was not understood.
  const allFound = targets.every((target) => factors.list.some((factor) => isTarget(target, factor)));
  return allFound && deleteFrom(cursor, run, factors, matching);
}

/** Here `database` is what stands before the dot, `undefined` for nothing: an alias has none. */
function readTarget(cursor: Cursor): NamedTable | undefined {
  const first = cursor.readName();
  if (first === undefined) return undefined;
  skipStar(cursor);
  if (!cursor.acceptSymbol(0x2e)) return { database: undefined, table: first };
  const second = cursor.readName();
  skipStar(cursor);
  return second === undefined ? undefined : { database: first, table: second };
}

function isTarget(target: NamedTable, factor: TableFactor): boolean {
  if (target.database === undefined) return sameName(target.table, exposedName(factor));
  return sameName(target.table, factor.name?.table) && sameName(target.database, factor.name?.database);
}

function deleteFrom(cursor: Cursor, run: Run, factors: Factors, targets: readonly TableFactor[]): boolean {
  const places = cursor.accept(word.where) ? [cursor.position, ...factors.innerConditions] : factors.innerConditions;
  const end = cursor.position;
  for (const factor of targets) {
    const { name } = factor;
    if (name === undefined) continue;
    run.write(name, "delete");
    for (const table of run.find(name)) {
      if (factors.splitsRows) {
        run.touchAll([table], "unknown-key");
        continue;
      }
      const scope = new TableScope(run, table, factor, factors.list);
      const predicate = readConditions(cursor, run, scope, places);
      run.touches.push(touchRows(table, predicate, () => ({ operation: "delete", changed: [], assigned: {} })));
    }
  }
  cursor.position = end;
  return true;
}
