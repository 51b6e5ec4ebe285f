/** Rounds of the superset test: tables, a session and statements, all of them from one seed. */
import type { Dialect } from "../../../../handler/log/record";
import { auditRecord } from "./auditText";
import type { Derive, Laboratory, Trial } from "./laboratory";
import { Random } from "./random";
import { makeTable, type TestTable } from "./schemas";
import { makeSession } from "./sessionModes";
import { makeStatement } from "./statements";

const statementsPerRound = 60;
const dialects: readonly Dialect[] = ["mariadb", "rds-mysql", "aurora"];

export interface RoundTrial extends Trial {
  /** All that is needed to look into a finding. */
  readonly description: string;
}

export interface Round {
  readonly seed: number;
  /** Default: two generated tables. */
  readonly tables?: readonly [TestTable, TestTable, ...TestTable[]];
  /** Default: every kind of generated statement. */
  readonly statement?: (random: Random, table: TestTable, other: TestTable) => string;
  readonly derive?: Derive;
}

export async function* runRound(laboratory: Laboratory, round: Round): AsyncGenerator<RoundTrial> {
  const random = new Random(round.seed);
  const tables = round.tables ?? ([makeTable(random, "t"), makeTable(random, "Other t")] as const);
  await laboratory.prepare(tables);
  const session = makeSession(random);
  for (const setting of session) await laboratory.run(setting);
  const make = round.statement ?? makeStatement;
  for (let count = 0; count < statementsPerRound; count++) {
    const table = random.pick(tables);
    const other = random.pick(tables.filter((each) => each !== table));
    const text = make(random, table, other);
    const dialect = random.pick(dialects);
    const trial = await laboratory.try(text, (retcode) => auditRecord(dialect, "shop", text, retcode), round.derive);
    const schema = tables.flatMap(({ statements }) => statements.filter((each) => !each.startsWith("INSERT")));
    yield { ...trial, description: [`seed ${round.seed}, ${dialect}`, ...schema, ...session, text].join(";\n") };
  }
}
