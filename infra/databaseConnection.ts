import type * as pulumi from "@pulumi/pulumi";
import type { DatabaseEngine } from "../handler/contract/databaseUsers";
import type { Credentials } from "./databaseSettings";

/** How the functions reach a database and log in to it. */
export interface DatabaseConnection {
  readonly engine: DatabaseEngine;
  readonly host: pulumi.Input<string>;
  readonly port: pulumi.Input<number>;
  /** Whose certificate the server shows. */
  readonly tls: "rds" | "system";
  readonly credentials: Credentials;
  /** For logging in with a token. */
  readonly resourceId?: pulumi.Input<string>;
}
