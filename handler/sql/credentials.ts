import type { ConnectionOptions } from "mysql2";
import * as v from "valibot";
import { variableName, type ConnectionVariable, type DatabaseRole } from "../contract/environment";
import { SyncError, toError } from "../errors";

type Environment = Readonly<Record<string, string | undefined>>;

/** mysql2's `ssl` for each `TLS` setting; `rds` verifies against the RDS certificate authorities that mysql2 carries. */
const tlsOptions = { rds: { ssl: "Amazon RDS" }, system: { ssl: { minVersion: "TLSv1.2" } }, off: {} } as const;

interface ConnectionSettings {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly tls: keyof typeof tlsOptions;
  readonly auth:
    | { readonly type: "iam" }
    | { readonly type: "secret"; readonly arn: string }
    | { readonly type: "password"; readonly password: string };
}

/** Whether the environment names this database at all (the heartbeat is optional). */
export function isConfigured(role: DatabaseRole, environment: Environment): boolean {
  return environment[variableName(role, "HOST")] !== undefined;
}

/**
 * Reads how a database is reached from the environment; the returned function makes mysql2 options with a fresh token or
 * the secret's current value at every call, so that rotated passwords are picked up at the next connection.
 *
 * @throws {SyncError} CONFIGURATION_INVALID naming the variable.
 */
export function connectionOptions(role: DatabaseRole, environment: Environment): () => Promise<ConnectionOptions> {
  const settings = readSettings(role, environment);
  const base = { host: settings.host, port: settings.port, user: settings.user, ...tlsOptions[settings.tls] };
  const { auth } = settings;
  switch (auth.type) {
    case "password":
      return () => Promise.resolve({ ...base, password: auth.password });
    case "secret":
      return async () => ({ ...base, ...(await readSecret(auth.arn)) });
    case "iam":
      // The token travels as clear text inside TLS:
      // https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.html
      return async () => ({ ...base, enableCleartextPlugin: true, password: await iamToken(settings) });
  }
}

function readSettings(role: DatabaseRole, environment: Environment): ConnectionSettings {
  const required = (variable: ConnectionVariable): string => {
    const value = environment[variableName(role, variable)];
    if (value === undefined || value === "") throw invalid(role, variable, "is not set");
    return value;
  };
  const port = Number(required("PORT"));
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw invalid(role, "PORT", "is not a port number");
  const tls = required("TLS");
  if (!isTls(tls)) throw invalid(role, "TLS", "is none of rds, system, off");
  const auth = required("AUTH");
  if (auth !== "iam" && auth !== "secret" && auth !== "password") {
    throw invalid(role, "AUTH", "is none of iam, secret, password");
  }
  if (auth === "iam" && tls === "off") throw invalid(role, "TLS", "cannot be off with IAM authentication");
  return {
    host: required("HOST"),
    port,
    user: required("USER"),
    tls,
    auth:
      auth === "iam"
        ? { type: "iam" }
        : auth === "secret"
          ? { type: "secret", arn: required("SECRET_ARN") }
          : { type: "password", password: required("PASSWORD") },
  };
}

function isTls(value: string): value is keyof typeof tlsOptions {
  return Object.hasOwn(tlsOptions, value);
}

function invalid(role: DatabaseRole, variable: ConnectionVariable, rule: string): SyncError {
  return new SyncError("CONFIGURATION_INVALID", `the environment variable ${variableName(role, variable)} ${rule}`);
}

const secretSchema = v.object({ username: v.string(), password: v.string() });

/** The AWS clients are loaded when they are needed: they cost more than the rest of a cold start. */
async function readSecret(arn: string): Promise<{ user: string; password: string }> {
  const { SecretsManagerClient, GetSecretValueCommand } = await import("@aws-sdk/client-secrets-manager");
  let content: string | undefined;
  try {
    content = (await new SecretsManagerClient({}).send(new GetSecretValueCommand({ SecretId: arn }))).SecretString;
  } catch (error) {
    const { name } = toError(error);
    const retried = name === "InternalServiceError" || name === "TimeoutError" || name === "ThrottlingException";
    throw new SyncError(
      retried ? "DATABASE_UNAVAILABLE" : "GRANT_MISSING",
      `the secret ${arn} cannot be read: ${name}; the function's role needs secretsmanager:GetSecretValue on it`,
    );
  }
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), secretSchema), content);
  if (!parsed.success) {
    throw new SyncError("CONFIGURATION_INVALID", `the secret ${arn} is not JSON with "username" and "password"`);
  }
  return { user: parsed.output.username, password: parsed.output.password };
}

async function iamToken({ host, port, user }: ConnectionSettings): Promise<string> {
  const { Signer } = await import("@aws-sdk/rds-signer");
  return await new Signer({ hostname: host, port, username: user }).getAuthToken();
}
