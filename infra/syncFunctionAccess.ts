/** What a sync function is told and allowed about its databases. */
import * as pulumi from "@pulumi/pulumi";
import type * as aws from "@pulumi/aws";
import { variableName, type ConnectionVariable, type DatabaseRole } from "../handler/contract/environment";
import type { DatabaseConnection } from "./databaseConnection";
import type { Credentials } from "./databaseSettings";
import type { Deployment } from "./deployment";
import { connectAs, readSecrets, useKey, type DatabaseUser } from "./policies";

/** A database and the user that the function is there. */
export interface Login {
  readonly role: DatabaseRole;
  readonly connection: DatabaseConnection;
  readonly user: string;
}

/** The environment variables of {@link variableName} for these logins. */
export function loginEnvironment(logins: readonly Login[]): Readonly<Record<string, pulumi.Input<string>>> {
  return Object.fromEntries(
    logins.flatMap(({ role, connection, user }) => {
      const { credentials } = connection;
      const values: Partial<Record<ConnectionVariable, pulumi.Input<string>>> = {
        HOST: connection.host,
        PORT: pulumi.interpolate`${connection.port}`,
        USER: user,
        AUTH: credentials.type,
        ...(credentials.type === "secret" ? { SECRET_ARN: credentials.secretArn } : {}),
        TLS: connection.tls,
      };
      return Object.entries(values).map(([variable, value]) => [
        variableName(role, variable as ConnectionVariable),
        value,
      ]);
    }),
  );
}

/** Exactly its secrets, or logging in as exactly its users. */
export function loginStatements(deployment: Deployment, logins: readonly Login[]): readonly aws.iam.PolicyStatement[] {
  const users = logins.flatMap(({ connection, user }): readonly DatabaseUser[] =>
    connection.credentials.type === "iam" && connection.resourceId !== undefined
      ? [{ resourceId: connection.resourceId, name: user }]
      : [],
  );
  const secrets = logins.map(({ connection }) => connection.credentials).filter(isSecret);
  const arns = [...new Set(secrets.map(({ secretArn }) => secretArn))];
  const keys = [...new Set(secrets.flatMap(({ kmsKeyArn }) => (kmsKeyArn === undefined ? [] : [kmsKeyArn])))];
  return [
    ...(users.length > 0 ? [connectAs(deployment, users)] : []),
    ...(arns.length > 0 ? [readSecrets(arns)] : []),
    ...keys.map((key, index) =>
      useKey(deployment, `DecryptSecrets${index + 1}`, key, ["kms:Decrypt"], ["secretsmanager"]),
    ),
  ];
}

function isSecret(credentials: Credentials): credentials is Extract<Credentials, { type: "secret" }> {
  return credentials.type === "secret";
}
