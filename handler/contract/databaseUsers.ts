/**
 * The database users of the sync: which accounts and which grants, and their SQL. Shared by the infrastructure program
 * (which prints it for databases of other owners) and the function that runs it where the program owns the database.
 */
import type { Route } from "./routes";

export type DatabaseEngine = "aurora-mysql" | "mysql" | "mariadb";

/** Everything (`*.*`), one database or one table. */
export interface GrantLevel {
  readonly database?: string;
  readonly table?: string;
}

export interface Grant extends GrantLevel {
  readonly privileges: readonly string[];
  /** Grant it when the administrator holds it; do without it, and say so, when the server refuses. */
  readonly optional?: true;
}

/** How the account proves who it is: an RDS authentication token, or a password. */
export type Identification = { readonly type: "iam" } | { readonly type: "password"; readonly password: string };

export interface Account {
  readonly name: string;
  readonly identification: Identification;
  readonly grants: readonly Grant[];
}

const allPrivileges = "ALL PRIVILEGES";

/**
 * What the sync reads at the source: rows and definitions of the routed databases, open transactions (PROCESS), and
 * the bodies of routines, which tell what a CALL may write.
 */
export function sourceGrants(engine: DatabaseEngine, routes: readonly Route[]): readonly Grant[] {
  return merged([
    { privileges: ["PROCESS"] },
    routineGrant(engine),
    ...routes.map(({ source }) => ({
      privileges: ["SELECT", "SHOW VIEW", "TRIGGER", "EVENT"],
      database: source.database,
    })),
  ]);
}

function routineGrant(engine: DatabaseEngine): Grant {
  switch (engine) {
    case "mariadb":
      return { privileges: ["SELECT"], database: "mysql", table: "proc" };
    case "aurora-mysql":
      return { privileges: ["SHOW_ROUTINE"] };
    case "mysql":
      // The master user of RDS for MySQL does not hold it and so cannot pass it on; one of a server of your own does.
      // https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.MasterAccounts.html
      return { privileges: ["SHOW_ROUTINE"], optional: true };
  }
}

/** What the sync writes at a target: the routed tables, their definitions where the route says so, its own schema. */
export function targetGrants(routes: readonly Route[], stateDatabase: string): readonly Grant[] {
  return merged([
    ...routes.map(({ target }) => ({
      privileges: ["SELECT", "INSERT", "UPDATE", "DELETE"],
      database: target.database,
      ...(target.table === "*" ? {} : { table: target.table }),
    })),
    ...routes
      .filter(({ followSchema }) => followSchema)
      .map(({ target }) => ({ privileges: ["CREATE", "ALTER"], database: target.database })),
    { privileges: [allPrivileges], database: stateDatabase },
  ]);
}

/** One grant per level, in the order in which the levels first appear; an optional one stands alone. */
function merged(grants: readonly Grant[]): readonly Grant[] {
  const byLevel = new Map<string, Grant>();
  for (const grant of grants) {
    const key = `${grant.database ?? "*"}\0${grant.table ?? "*"}\0${String(grant.optional ?? false)}`;
    const privileges = [...new Set([...(byLevel.get(key)?.privileges ?? []), ...grant.privileges])];
    byLevel.set(key, { ...grant, privileges });
  }
  return [...byLevel.values()];
}

/** Creates the account, or gives an existing one the right way to log in. Running it again changes nothing. */
export function accountStatements({ name, identification }: Account): readonly string[] {
  const clause =
    identification.type === "iam"
      ? // https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.DBAccounts.html
        "IDENTIFIED WITH AWSAuthenticationPlugin AS 'RDS'"
      : `IDENTIFIED BY ${quotedText(identification.password)}`;
  const account = quotedAccount(name);
  return [`CREATE USER IF NOT EXISTS ${account} ${clause} REQUIRE SSL`, `ALTER USER ${account} ${clause} REQUIRE SSL`];
}

/**
 * The grant, repeatable, and possible before the table exists: a server refuses a grant on a missing table unless it
 * contains CREATE, so that is granted along and taken back at once.
 */
export function grantStatements(name: string, grant: Grant, options: GrantOptions = {}): readonly string[] {
  const on = `ON ${quotedLevel(grant, options)}`;
  const account = quotedAccount(name);
  if (grant.table === undefined) return [`GRANT ${grant.privileges.join(", ")} ${on} TO ${account}`];
  return [
    `GRANT ${[...grant.privileges, "CREATE"].join(", ")} ${on} TO ${account}`,
    `REVOKE CREATE ${on} FROM ${account}`,
  ];
}

export function revokeStatement(name: string, level: GrantLevel, privileges: readonly string[]): string {
  // The level comes from the server's own list of grants, where wildcards are escaped already.
  return `REVOKE ${privileges.join(", ")} ON ${quotedLevel(level, { literalNames: true })} FROM ${quotedAccount(name)}`;
}

export interface GrantOptions {
  /** The server takes `_` and `%` in a database's name as they are (MySQL with `partial_revokes`). Default: false. */
  readonly literalNames?: boolean;
}

/** The name of a database as a grant on all of its tables wants it: `_` and `%` are wildcards there. */
export function databasePattern(database: string, { literalNames = false }: GrantOptions): string {
  return literalNames ? database : database.replace(/[\\_%]/g, "\\$&");
}

function quotedLevel({ database, table }: GrantLevel, options: GrantOptions): string {
  if (database === undefined) return "*.*";
  if (table === undefined) return `${quotedIdentifier(databasePattern(database, options))}.*`;
  return `${quotedIdentifier(database)}.${quotedIdentifier(table)}`;
}

/** Whether an account that was granted `grants` should hold `privilege` at a level as the server lists it. */
export function isGranted(
  grants: readonly Grant[],
  level: GrantLevel,
  privilege: string,
  options: GrantOptions,
): boolean {
  return grants.some(
    ({ privileges, ...granted }) =>
      listedDatabase(granted, options) === level.database &&
      granted.table === level.table &&
      (privileges.includes(privilege) || privileges.includes(allPrivileges)),
  );
}

/** The server lists the pattern for a whole database and the plain name for a table. */
function listedDatabase({ database, table }: GrantLevel, options: GrantOptions): string | undefined {
  return database === undefined || table !== undefined ? database : databasePattern(database, options);
}

/** All accounts of one database as SQL for its owner to read and run. */
export function ownerScript(accounts: readonly Account[]): string {
  const statements = accounts.flatMap((account) => [
    ...accountStatements(account),
    ...account.grants.flatMap((grant) =>
      grantStatements(account.name, grant).map((statement) =>
        grant.optional === true ? `${statement} /* leave it out when the server refuses it */` : statement,
      ),
    ),
  ]);
  return statements.map((statement) => `${statement};\n`).join("");
}

function quotedIdentifier(name: string): string {
  return `\`${name.replaceAll("`", "``")}\``;
}

function quotedAccount(name: string): string {
  return `${quotedText(name)}@'%'`;
}

function quotedText(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}
