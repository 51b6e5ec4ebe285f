/** Section 5: what the source pays to be followed, by its audit log or by its binlog. */
import { type Mariadb } from "../local/mariadb";
import { createTable, fillTable, hotRows } from "./catchUp/workloads";
import { type SectionContext, type SectionResult } from "./result";
import { cpuSeconds, serverPid } from "./rig/processes";
import { Rig } from "./rig/rig";
import { connectAsRoot, prepare } from "./rig/servers";
import { median } from "./sideBySide";

const rowsOfTable = 10_000;
const connections = 4;

interface Cost {
  readonly name: string;
  readonly perSecond: number;
  /** Processor time of the server for one statement. */
  readonly microseconds: number;
}

export async function measureSourceCost({ effort, say }: SectionContext): Promise<SectionResult> {
  const { rounds, statements } =
    effort === "full" ? { rounds: 5, statements: 20_000 } : { rounds: 3, statements: 6_000 };
  return await Rig.hold(async (rig) => {
    const servers = [
      { name: "off", server: await rig.bare("off", {}) },
      { name: "audit log", server: await rig.bare("audit", { audit: true }) },
      { name: "row-based binlog", server: await rig.bare("binlog", { binlog: true }) },
    ];
    const setUp = ["CREATE DATABASE shop", "USE shop", createTable("hot"), fillTable("hot", rowsOfTable)];
    for (const { server } of servers) await prepare(server, setUp);
    const texts = hotRows(rowsOfTable).statements(statements);
    const measured = new Map<string, Cost[]>(servers.map(({ name }) => [name, []]));
    // Once for nothing, so that every server is warm.
    for (const { name, server } of servers) await work(name, server, texts);
    for (let round = 0; round < rounds; round++) {
      say(`source-cost: round ${round + 1} of ${rounds}`);
      for (const { name, server } of servers) measured.get(name)?.push(await work(name, server, texts));
    }
    const costs = [...measured.values()].map(middle);
    const [off, audit, binlog] = costs;
    if (off === undefined || audit === undefined || binlog === undefined) throw new Error("a server is missing");
    return {
      section: "source-cost",
      ratios: [
        { name: "throughput with the audit log, of that without", value: audit.perSecond / off.perSecond },
        { name: "throughput with the binlog, of that without", value: binlog.perSecond / off.perSecond },
        { name: "server time for a statement with the audit log", value: audit.microseconds / off.microseconds },
        { name: "server time for a statement with the binlog", value: binlog.microseconds / off.microseconds },
      ],
      tables: [
        {
          title: `${statements.toLocaleString("en-US")} UPDATEs by key on ${connections} connections, median of ${rounds}`,
          columns: ["source with", "statements/s", "server time, µs a statement"],
          rows: costs.map(({ name, perSecond, microseconds }) => [name, Math.round(perSecond), microseconds]),
        },
      ],
      notes: [
        "the audit log has CONNECT, QUERY and TABLE events, without a limit of the text's length",
        "sync_binlog is 0, as the servers' disks are not waited for here; a source that syncs its binlog pays more for it",
      ],
    };
  });
}

/** One statement at a time on each connection, as an application works. */
async function work(name: string, server: Mariadb, texts: readonly string[]): Promise<Cost> {
  const pid = serverPid(server);
  const open = await Promise.all(Array.from({ length: connections }, () => connectAsRoot(server)));
  for (const connection of open) await connection.query("USE shop");
  const before = cpuSeconds(pid);
  const startedMs = performance.now();
  await Promise.all(
    open.map(async (connection, place) => {
      for (let at = place; at < texts.length; at += connections) await connection.query(texts[at] ?? "DO 1");
    }),
  );
  const seconds = (performance.now() - startedMs) / 1000;
  const used = cpuSeconds(pid) - before;
  for (const connection of open) await connection.end();
  return { name, perSecond: texts.length / seconds, microseconds: (used / texts.length) * 1e6 };
}

function middle(costs: readonly Cost[]): Cost {
  return {
    name: costs[0]?.name ?? "",
    perSecond: median(costs.map(({ perSecond }) => perSecond)),
    microseconds: median(costs.map(({ microseconds }) => microseconds)),
  };
}
