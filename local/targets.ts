import { createConnection, type Connection } from "mysql2/promise";
import { parseTargets, type Route } from "../handler/contract/routes";
import { type RawTarget, UsageError } from "./arguments";
import { userDatabases } from "./compare/tables";
import { createTargetUsers } from "./databaseUsers";
import { type Passwords } from "./function/environmentVariables";
import { type Mariadb } from "./mariadb";
import { identifier } from "./sqlText";
import { textRows } from "./textRows";

/** A target as configured, and the same with its routes checked. */
export interface LocalTarget {
  readonly raw: RawTarget;
  readonly routes: readonly Route[];
}

/** The target that follows everything, when no routes are given. */
export const followerName = "target";

export function checkTargets(raw: readonly RawTarget[]): readonly LocalTarget[] {
  return parseTargets(raw).flatMap(({ name, routes }) =>
    raw.filter((target) => target.name === name).map((target) => ({ raw: target, routes })),
  );
}

/**
 * One target for every table of every database that the source has.
 *
 * @throws {UsageError} when it has none.
 */
export async function followEverything(source: Mariadb): Promise<readonly LocalTarget[]> {
  const databases = await asRoot(source, userDatabases);
  if (databases.length === 0) {
    throw new UsageError(
      "the schema makes no database to follow; begin it with CREATE DATABASE and USE, or give --routes",
    );
  }
  const routes = databases.map((database) => ({ source: `${database}.*`, followSchema: true }));
  return checkTargets([{ name: followerName, routes }]);
}

/**
 * Makes a target what it is: a copy that only the sync writes. Its schema's triggers and events have done their work at
 * the source and would do it a second time here.
 */
export async function prepareTarget(server: Mariadb, routes: readonly Route[], passwords: Passwords): Promise<void> {
  await asRoot(server, async (root) => {
    await root.query("SET GLOBAL event_scheduler = OFF");
    const triggers = await textRows(root, "SELECT TRIGGER_SCHEMA, TRIGGER_NAME FROM information_schema.TRIGGERS");
    for (const [schema = "", name = ""] of triggers.filter(([schema]) => schema !== "sys")) {
      await root.query(`DROP TRIGGER ${identifier(schema)}.${identifier(name)}`);
    }
    await createTargetUsers(root, routes, passwords);
  });
}

export async function asRoot<T>(server: Mariadb, work: (root: Connection) => Promise<T>): Promise<T> {
  const root = await createConnection(server.rootConnection);
  try {
    return await work(root);
  } finally {
    await root.end();
  }
}
