import {
  accountStatements,
  grantStatements,
  isGranted,
  revokeStatement,
  type Account,
  type Grant,
  type GrantLevel,
  type GrantOptions,
} from "../contract/databaseUsers";
import { SyncError } from "../errors";
import type { Row, Session } from "../sql/connection";
import { utf8 } from "../sql/text";

export interface UsersReport {
  /** Accounts that are now as asked. */
  readonly accounts: readonly string[];
  /** Grants of an earlier deployment that were taken back. */
  readonly revoked: readonly string[];
  /** Optional grants that the server refused. */
  readonly refused: readonly string[];
}

/** ER_SPECIFIC_ACCESS_DENIED_ERROR and ER_ACCESS_DENIED_ERROR: the administrator cannot pass on what it does not hold. */
const notHeld = new Set([1227, 1045]);

/** Makes the accounts exist with exactly these grants. Running it again changes nothing. */
export async function prepareUsers(session: Session, accounts: readonly Account[]): Promise<UsersReport> {
  const options = { literalNames: await hasPartialRevokes(session) };
  const revoked: string[] = [];
  const refused: string[] = [];
  for (const account of accounts) {
    for (const statement of accountStatements(account)) await session.run(utf8(statement), "creating a user");
    for (const grant of account.grants) refused.push(...(await give(session, account.name, grant, options)));
    // Last, so that a running sync never misses a grant that it still needs.
    revoked.push(...(await takeBack(session, account, options)));
  }
  return { accounts: accounts.map(({ name }) => name), revoked, refused };
}

/** With this variable on, MySQL takes wildcards in database names literally. MariaDB does not have it. */
async function hasPartialRevokes(session: Session): Promise<boolean> {
  const rows = await session.rows("SHOW GLOBAL VARIABLES LIKE 'partial\\_revokes'", "reading a server variable");
  return rows[0]?.[1]?.toString() === "ON";
}

async function give(session: Session, user: string, grant: Grant, options: GrantOptions): Promise<readonly string[]> {
  for (const statement of grantStatements(user, grant, options)) {
    try {
      await session.run(utf8(statement), "granting");
    } catch (error) {
      const optional = grant.optional === true && error instanceof SyncError && notHeld.has(error.errno ?? 0);
      if (!optional) throw error;
      return [statement];
    }
  }
  return [];
}

async function takeBack(session: Session, account: Account, options: GrantOptions): Promise<readonly string[]> {
  const stale = new Map<string, { level: GrantLevel; privileges: string[] }>();
  for (const { level, privilege } of await currentGrants(session, account.name)) {
    if (isGranted(account.grants, level, privilege, options)) continue;
    const key = `${level.database ?? ""}\0${level.table ?? ""}`;
    const entry = stale.get(key) ?? { level, privileges: [] };
    entry.privileges.push(privilege);
    stale.set(key, entry);
  }
  const statements = [...stale.values()].map(({ level, privileges }) =>
    revokeStatement(account.name, level, privileges),
  );
  for (const statement of statements) await session.run(utf8(statement), "revoking");
  return statements;
}

interface HeldPrivilege {
  readonly level: GrantLevel;
  readonly privilege: string;
}

/** What the server lists for the account, of all levels that this program grants at. USAGE means no privilege. */
async function currentGrants(session: Session, user: string): Promise<readonly HeldPrivilege[]> {
  const rows = await session.rows(
    `SELECT GRANTEE, PRIVILEGE_TYPE, NULL, NULL FROM information_schema.USER_PRIVILEGES
     UNION ALL SELECT GRANTEE, PRIVILEGE_TYPE, TABLE_SCHEMA, NULL FROM information_schema.SCHEMA_PRIVILEGES
     UNION ALL SELECT GRANTEE, PRIVILEGE_TYPE, TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLE_PRIVILEGES`,
    "reading the grants",
  );
  // Compared here: the server's collation would take Audit_Sync, another account, for audit_sync.
  const grantee = `'${user}'@'%'`;
  return rows
    .filter(([listed]) => listed?.toString() === grantee)
    .map(readGrant)
    .filter(({ privilege }) => privilege !== "USAGE");
}

function readGrant([, privilege, database, table]: Row): HeldPrivilege {
  return {
    privilege: privilege?.toString() ?? "",
    level: {
      ...(database ? { database: database.toString() } : {}),
      ...(table ? { table: table.toString() } : {}),
    },
  };
}
