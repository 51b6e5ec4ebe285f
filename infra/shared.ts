import type * as pulumi from "@pulumi/pulumi";
import type { Deployment } from "./deployment";
import type { Network } from "./network";
import type { Settings } from "./settings";

/** What the components of a stack have in common. */
export interface Shared {
  readonly deployment: Deployment;
  readonly settings: Settings;
  readonly network: Network;
  /** KMS key of everything that holds rows or statements. Default: keys that AWS manages. */
  readonly keyArn?: pulumi.Input<string>;
}
