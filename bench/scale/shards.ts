/** One backlog in several shards, each with a process of the function, as an event source mapping runs them. */
import { createTable, distinctRows, fillTable } from "../catchUp/workloads";
import { createRandom } from "../../local/random";
import { type SectionContext } from "../result";
import { type Backlog, makeBacklog } from "../rig/backlog";
import { Rig } from "../rig/rig";
import { prepare } from "../rig/servers";
import { type SyncFollower } from "../rig/syncFollower";

export interface ShardsPoint {
  readonly tables: number;
  readonly shards: number;
  readonly seconds: number;
}

/** The same number of statements to one table and spread over four, through 1, 2 and 4 shards. */
export async function followShards(statements: number, { say }: SectionContext): Promise<readonly ShardsPoint[]> {
  const points: ShardsPoint[] = [];
  for (const tables of [1, 4]) {
    await Rig.hold(async (rig) => {
      const source = await rig.source();
      const target = await rig.follower("target");
      const names = Array.from({ length: tables }, (_, index) => `part${index}`);
      const rows = statements / tables;
      const setUp = names.flatMap((name) => [createTable(name), fillTable(name, rows)]);
      await Promise.all(
        [source, target].map((server) => prepare(server, ["CREATE DATABASE shop", "USE shop", ...setUp])),
      );
      const follower = await rig.sync({ source, target, route: "shop.*" });
      await follower.settle();
      const work = names.flatMap((name) => distinctRows(rows, name).statements(rows));
      const mixed = createRandom("bench", "shards").shuffled(work);
      for (const shards of [1, 2, 4]) {
        say(`scale: ${tables} tables through ${shards} shards`);
        while (follower.processes.length < shards) await follower.addProcess();
        points.push({ tables, shards, seconds: await deliver(follower, await makeBacklog(source, mixed), shards) });
      }
    });
  }
  return points;
}

/** Warm processes: each has had a tick before the time runs. */
async function deliver(follower: SyncFollower, { records }: Backlog, shards: number): Promise<number> {
  const environments = follower.processes.slice(0, shards);
  for (const environment of environments) await follower.deliver(records.slice(0, 1), environment);
  const startedMs = performance.now();
  await Promise.all(
    environments.map((environment, shard) =>
      follower.deliver(
        records.filter((_, index) => index % shards === shard),
        environment,
      ),
    ),
  );
  if ((await follower.outstanding()) > 0) await follower.settle();
  return (performance.now() - startedMs) / 1000;
}
