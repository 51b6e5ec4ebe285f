import {
  type ConnectionVariable,
  type DatabaseRole,
  defaultHeartbeatUser,
  defaultSyncUser,
  excludedUsersVariable,
  variableName,
  verifySettleVariable,
} from "../../handler/contract/environment";

export type Ports = Readonly<Record<DatabaseRole, number>>;

/** Passwords of the sync's users, made for one run. */
export interface Passwords {
  readonly sync: string;
  readonly heartbeat: string;
}

/** What the function finds in its environment: Lambda's own variables, and how it reaches its databases. */
export function environmentVariables(
  name: string,
  memoryMb: number,
  ports: Ports,
  passwords: Passwords,
): Readonly<Record<string, string>> {
  return {
    AWS_REGION: "us-east-1",
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
    AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
    LANG: "en_US.UTF-8",
    TZ: ":UTC",
    ...connection("SOURCE", ports.SOURCE, defaultSyncUser, passwords.sync),
    ...connection("TARGET", ports.TARGET, defaultSyncUser, passwords.sync),
    ...connection("HEARTBEAT", ports.HEARTBEAT, defaultHeartbeatUser, passwords.heartbeat),
    [excludedUsersVariable]: defaultSyncUser,
    // Nothing is retried for minutes here, and whoever looks on does not want to wait for them.
    [verifySettleVariable]: "3",
  };
}

function connection(role: DatabaseRole, port: number, user: string, password: string): Record<string, string> {
  const values: Partial<Record<ConnectionVariable, string>> = {
    HOST: "127.0.0.1",
    PORT: String(port),
    USER: user,
    AUTH: "password",
    PASSWORD: password,
    TLS: "off",
  };
  return Object.fromEntries(
    Object.entries(values).map(([variable, value]) => [variableName(role, variable as ConnectionVariable), value]),
  );
}
