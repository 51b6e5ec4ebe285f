/**
 * One folder is one hazard:
 *
 * - `schema.sql`: made at the source and at the target before anything is followed.
 * - `workload.sql`, `workload2.sql`, ..: what happens at the source, each file on a connection of its own, all at once.
 * - `target.sql` (optional): what else is done to the target's schema.
 * - `target-after.sql` (optional): what somebody does at the target after the records have arrived; then it must catch up.
 * - `routes.yaml` (optional): the routes; default: every table of the database.
 * - `expect.yaml` (optional): see {@link Expectation}.
 *
 * `DB` stands for the database's name in all of them, `@DIR@` for a directory that the source can write.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { parse } from "yaml";

const expectation = v.strictObject({
  /** What a stopped route says before `target-after.sql`; default: none is stopped. */
  stopped: v.optional(v.string()),
  /** Statements of the workload that the server refuses. Default: 0. */
  failing: v.optional(v.number(), 0),
  /** Rows that are set aside. Default: 0. */
  dead: v.optional(v.number(), 0),
});
export type Expectation = v.InferOutput<typeof expectation>;

export interface Hazard {
  readonly name: string;
  readonly folder: string;
  /** Names of the workload's files. */
  readonly workloads: readonly string[];
  readonly expectation: Expectation;
}

export function readHazards(root: string): readonly Hazard[] {
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => {
      const folder = join(root, name);
      const file = join(folder, "expect.yaml");
      return {
        name,
        folder,
        workloads: readdirSync(folder)
          .filter((entry) => /^workload\d*\.sql$/u.test(entry))
          .sort(),
        expectation: v.parse(expectation, existsSync(file) ? parse(readFileSync(file, "utf8")) : {}),
      };
    });
}
