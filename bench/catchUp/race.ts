/** One backlog, followed in every way, each at a server of its own. */
import { parseTargets } from "../../handler/contract/routes";
import { compareTarget } from "../../local/compare/compare";
import { type Mariadb } from "../../local/mariadb";
import { type Backlog, makeBacklog } from "../rig/backlog";
import { type Rig } from "../rig/rig";
import { prepare } from "../rig/servers";
import { type SyncFollower } from "../rig/syncFollower";
import { applyFromBinlog } from "../rivals/binlogReader";
import { createReplicationUser, replicate } from "../rivals/replication";
import { replayTexts } from "../rivals/textReplay";
import { followBacklog, type Followed } from "./followBacklog";
import { createTable, fillTable, type Workload } from "./workloads";

export const ways = {
  ours: "this project",
  native: "row-based replication",
  reader: "binlog reader (zongji)",
  replay: "text replay (mysql2)",
} as const;
export type Way = keyof typeof ways;

export interface RaceResult {
  readonly seconds: Readonly<Record<Way, number>>;
  /** Rows that are not what they are at the source afterwards. */
  readonly differences: Readonly<Record<Way, number>>;
  /** How this project spent its time. */
  readonly ours: Followed;
}

export class Race {
  readonly follower: SyncFollower;
  readonly #source: Mariadb;
  readonly #targets: Readonly<Record<Way, Mariadb>>;

  private constructor(follower: SyncFollower, source: Mariadb, targets: Readonly<Record<Way, Mariadb>>) {
    this.follower = follower;
    this.#source = source;
    this.#targets = targets;
  }

  /** Starts a source and a follower for each way, all with the tables of `workloads` and their rows. */
  static async prepare(rig: Rig, workloads: readonly Workload[], profiles: string | undefined): Promise<Race> {
    const source = await rig.source();
    const targets = {
      ours: await rig.follower("ours"),
      native: await rig.follower("native"),
      reader: await rig.follower("reader"),
      replay: await rig.follower("replay"),
    };
    const tables = workloads.flatMap(({ table, rows }) => [
      createTable(table),
      ...(rows === 0 ? [] : [fillTable(table, rows)]),
    ]);
    for (const server of [source, ...Object.values(targets)]) {
      await prepare(server, ["CREATE DATABASE shop", "USE shop", ...tables]);
    }
    await createReplicationUser(source);
    const follower = await rig.sync({ source, target: targets.ours, route: "shop.*", profiles });
    await follower.settle();
    return new Race(follower, source, targets);
  }

  /** Does the work at the source, then lets every way follow it, one after the other. */
  async run(workload: Workload, statements: number, say: (line: string) => void): Promise<RaceResult> {
    say(`catch-up: ${workload.name}, the source works`);
    const backlog = await makeBacklog(this.#source, workload.statements(statements));
    const ours = await followBacklog(this.follower, this.#source, backlog);
    const seconds = { ours: ours.seconds, native: NaN, reader: NaN, replay: NaN };
    for (const way of ["native", "reader", "replay"] as const) {
      say(`catch-up: ${workload.name}, ${ways[way]}`);
      seconds[way] = await this.#follow(way, backlog);
    }
    const differences = { ours: NaN, native: NaN, reader: NaN, replay: NaN };
    for (const way of Object.keys(ways) as Way[]) differences[way] = await this.#compare(way, workload.table);
    if (differences.ours > 0) throw new Error(`${workload.name}: ${differences.ours} rows differ at the target`);
    return { seconds, differences, ours };
  }

  async #follow(way: Exclude<Way, "ours">, backlog: Backlog): Promise<number> {
    const target = this.#targets[way];
    switch (way) {
      case "native":
        return await replicate(this.#source, target, backlog.binlog);
      case "reader":
        return await applyFromBinlog(this.#source, target, backlog.binlog, backlog.statements);
      case "replay":
        return await replayTexts(target, backlog.texts());
    }
  }

  async #compare(way: Way, table: string): Promise<number> {
    const routes = parseTargets([{ name: "bench", routes: [{ source: `shop.${table}` }] }]).flatMap(
      (target) => target.routes,
    );
    const results = await compareTarget(this.#source, this.#targets[way], routes);
    return results.reduce((sum, { differences }) => sum + differences, 0);
  }
}
