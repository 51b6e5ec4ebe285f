import { type LocalSettings, type RawTarget } from "./arguments";
import { demoSourceSchema, demoTargets, demoTargetSchema, runDemoWorkload } from "./demo/demo";
import { type Mariadb } from "./mariadb";
import { runSqlFile } from "./sqlClient";

/** What a run does: which schema where, what is followed, and what happens at the source. */
export interface Scenario {
  readonly sourceSchema: readonly string[];
  targetSchema(target: string): readonly string[];
  /** `undefined`: one target that follows everything. */
  readonly targets: readonly RawTarget[] | undefined;
  run(source: Mariadb, progress: WorkloadProgress): Promise<void>;
}

/** Filled in while a workload runs. */
export interface WorkloadProgress {
  /** From 0 to 1; `undefined`: it is not known how much there is to do. */
  share: number | undefined;
  failedStatements: number;
  /** What the server said about the first of them. */
  readonly errors: string[];
}

const listedErrors = 5;

export function chooseScenario(settings: LocalSettings): Scenario {
  const { schemaFiles, workloadFiles } = settings;
  const own = schemaFiles.length > 0;
  const demoWorkload = !own && workloadFiles.length === 0;
  return {
    sourceSchema: own ? schemaFiles : demoSourceSchema,
    targetSchema: (target) => (own ? schemaFiles : demoTargetSchema(target)),
    targets: settings.targets ?? (own ? undefined : demoTargets()),
    run: demoWorkload ? runDemoWorkload : (source, progress) => runFiles(source, workloadFiles, progress),
  };
}

/** Every file on a connection of its own, all at the same time; a failing statement does not end its file. */
async function runFiles(source: Mariadb, files: readonly string[], progress: WorkloadProgress): Promise<void> {
  const run = async (file: string): Promise<void> => {
    const { errors, exitStatus } = await runSqlFile(source, file, { force: true });
    // With --force, statements that fail do not end the client; without a message of its own, something else did.
    if (exitStatus !== 0 && errors.length === 0)
      throw new Error(`the mariadb client ended with ${exitStatus} in ${file}`);
    progress.failedStatements += errors.length;
    progress.errors.push(...errors.slice(0, listedErrors - progress.errors.length));
  };
  await Promise.all(files.map(run));
}
