/** The demonstration: a shop, and two subsystems that follow different parts of it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { type RawTarget, targetsIn } from "../arguments";
import { type Mariadb } from "../mariadb";
import { createRandom } from "../random";
import { type WorkloadProgress } from "../scenario";
import { accounts, checkout, dispatch, payments, stockroom } from "./applications";
import { type Application, ApplicationConnection } from "./applicationConnection";

const schemaFile = join(__dirname, "schema.sql");
const routesFile = join(__dirname, "routes.yaml");

export const demoSourceSchema: readonly string[] = [schemaFile];

export function demoTargets(): readonly RawTarget[] {
  return targetsIn(parse(readFileSync(routesFile, "utf8")), routesFile);
}

/** Other targets than the demonstration's own start with the shop's tables. */
export function demoTargetSchema(target: string): readonly string[] {
  return target === "crm" || target === "warehouse" ? [join(__dirname, `${target}.sql`)] : [schemaFile];
}

const seed = "shop";

/** Each application works on a connection of its own, so many rounds. */
const applications: readonly { readonly name: string; readonly application: Application; readonly rounds: number }[] = [
  { name: "checkout 1", application: checkout, rounds: 150 },
  { name: "checkout 2", application: checkout, rounds: 150 },
  { name: "checkout 3", application: checkout, rounds: 150 },
  { name: "payments", application: payments, rounds: 300 },
  { name: "dispatch", application: dispatch, rounds: 250 },
  { name: "accounts", application: accounts, rounds: 300 },
  { name: "stockroom", application: stockroom, rounds: 250 },
];

/** Runs the applications side by side. What each does is the same in every run; how they interleave is not. */
export async function runDemoWorkload(source: Mariadb, progress: WorkloadProgress): Promise<void> {
  const total = applications.reduce((sum, { rounds }) => sum + rounds, 0);
  let done = 0;
  progress.share = 0;
  await Promise.all(
    applications.map(async ({ name, application, rounds }) => {
      const connection = await ApplicationConnection.open(source, createRandom(seed, name), progress);
      try {
        for (let round = 0; round < rounds; round += 1) {
          await connection.think();
          await application(connection, round);
          done += 1;
          progress.share = done / total;
        }
      } finally {
        await connection.close();
      }
    }),
  );
}
