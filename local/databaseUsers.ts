import { randomBytes } from "node:crypto";
import { type Connection } from "mysql2/promise";
import { grantStatements, sourceGrants, targetGrants, type Grant } from "../handler/contract/databaseUsers";
import { defaultHeartbeatUser, defaultStateDatabase, defaultSyncUser } from "../handler/contract/environment";
import { type Route } from "../handler/contract/routes";
import { type Passwords } from "./function/environmentVariables";

/** The pipeline's own user at the source: looks at connections and leaves no trace in the audit log. */
export const observerUser = "audit_sync_local";

export interface RunPasswords extends Passwords {
  readonly observer: string;
}

export function makePasswords(): RunPasswords {
  return { sync: randomPassword(), heartbeat: randomPassword(), observer: randomPassword() };
}

function randomPassword(): string {
  return randomBytes(18).toString("base64url");
}

/** The users of the sync with what they are granted on AWS, but with passwords that live as long as the run. */
export async function createSourceUsers(
  root: Connection,
  routes: readonly Route[],
  passwords: RunPasswords,
): Promise<void> {
  await createUser(root, defaultSyncUser, passwords.sync, sourceGrants("mariadb", routes));
  await createUser(root, defaultHeartbeatUser, passwords.heartbeat, []);
  await createUser(root, observerUser, passwords.observer, [{ privileges: ["PROCESS"] }]);
}

export async function createTargetUsers(
  root: Connection,
  routes: readonly Route[],
  passwords: Passwords,
): Promise<void> {
  await createUser(root, defaultSyncUser, passwords.sync, targetGrants(routes, defaultStateDatabase));
}

async function createUser(root: Connection, name: string, password: string, grants: readonly Grant[]): Promise<void> {
  await root.query("CREATE USER ?@'%' IDENTIFIED BY ?", [name, password]);
  for (const statement of grants.flatMap((grant) => grantStatements(name, grant))) await root.query(statement);
}
