/**
 * One folder is one hazard:
 *
 * - `schema.sql`: made at the source and at the target before anything is followed.
 * - `workload.sql`, `workload2.sql`, ..: what happens at the source, each file on a connection of its own, all at once.
 * - `open.sql`, `close.sql` (optional): a connection that runs the first before the workload, stays open until the records
 *   have been delivered once, and then runs the second or, without that, ends.
 * - `target.sql` (optional): what else is done to the target's schema.
 * - `target-after.sql` (optional): what somebody does at the target after the records have arrived; then it must catch up.
 * - `servers.yaml` (optional): options of both servers, see {@link ServerOptions}; each set of options has servers of its own.
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

/** Without the leading dashes. */
const options = v.optional(v.record(v.string(), v.string()), {});
const serverOptions = v.strictObject({ source: options, target: options });
export type ServerOptions = v.InferOutput<typeof serverOptions>;

export interface Hazard {
  readonly name: string;
  readonly folder: string;
  /** Names of the workload's files. */
  readonly workloads: readonly string[];
  readonly expectation: Expectation;
  readonly servers: ServerOptions;
}

export function readHazards(root: string): readonly Hazard[] {
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => {
      const folder = join(root, name);
      return {
        name,
        folder,
        workloads: readdirSync(folder)
          .filter((entry) => /^workload\d*\.sql$/u.test(entry))
          .sort(),
        expectation: v.parse(expectation, readYaml(join(folder, "expect.yaml"))),
        servers: v.parse(serverOptions, readYaml(join(folder, "servers.yaml"))),
      };
    });
}

/** A change of schema makes followers look at every table that they know: few at a time is faster. */
const togetherAtMost = 14;

/** Hazards that share their servers. */
export function byServers(hazards: readonly Hazard[]): readonly (readonly Hazard[])[] {
  const alike = Object.values(Object.groupBy(hazards, ({ servers }) => JSON.stringify(servers)));
  return alike.flatMap((group = []) =>
    Array.from({ length: Math.ceil(group.length / togetherAtMost) }, (_, part) =>
      group.slice(part * togetherAtMost, (part + 1) * togetherAtMost),
    ),
  );
}

function readYaml(file: string): unknown {
  return existsSync(file) ? parse(readFileSync(file, "utf8")) : {};
}
