import { variableName } from "../contract/environment";
import { Session } from "../sql/connection";
import { connectionOptions } from "../sql/credentials";
import { parseRequest } from "./plan";
import { prepareUsers, type UsersReport } from "./prepareUsers";

/**
 * Lambda entry of the function that the infrastructure invokes when the users of a database of its own have to change.
 * What it throws fails the deployment and stands in its output.
 */
export async function handler(event: unknown): Promise<UsersReport> {
  const { host, port, administratorSecretArn, accounts } = parseRequest(event);
  const options = connectionOptions("TARGET", {
    [variableName("TARGET", "HOST")]: host,
    [variableName("TARGET", "PORT")]: String(port),
    // The secret names the user; the variable has to be there all the same.
    [variableName("TARGET", "USER")]: "administrator",
    [variableName("TARGET", "AUTH")]: "secret",
    [variableName("TARGET", "SECRET_ARN")]: administratorSecretArn,
    [variableName("TARGET", "TLS")]: "rds",
  });
  const session = await Session.open("database", await options(), []);
  try {
    return await prepareUsers(session, accounts);
  } finally {
    await session.close();
  }
}
