import { createTable, fillTable } from "../catchUp/workloads";
import { Rig } from "../rig/rig";
import { prepare } from "../rig/servers";

/** Rows a second of a first copy into an empty table. */
export async function backfillRate(rows: number): Promise<number> {
  return await Rig.hold(async (rig) => {
    const source = await rig.source();
    const target = await rig.follower("target");
    await prepare(source, ["CREATE DATABASE shop", "USE shop", createTable("copied"), fillTable("copied", rows)]);
    await prepare(target, ["CREATE DATABASE shop", createTable("copied")]);
    const follower = await rig.sync({ source, target, route: "shop.*" });
    return rows / (await follower.settle());
  });
}
