import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { fixedName, type Deployment } from "./deployment";
import { useOfStackKey } from "./policies";

export interface EncryptionKeyArgs {
  readonly deployment: Deployment;
  /** Keeps the key from being destroyed with the stack. */
  readonly protectData: boolean;
}

/** A KMS key for everything of this stack that holds rows or statements: databases, logs, stream, failures, alarms. */
export class EncryptionKey extends pulumi.ComponentResource {
  readonly arn: pulumi.Output<string>;

  constructor(name: string, args: EncryptionKeyArgs, opts?: pulumi.ComponentResourceOptions) {
    super("auditsync:index:EncryptionKey", name, {}, opts);
    const { deployment, protectData } = args;
    const key = new aws.kms.Key(
      `${name}-key`,
      {
        description: `${deployment.project} ${deployment.stack}: rows and statements at rest`,
        enableKeyRotation: true,
        // The longest time to change one's mind; the data is unreadable without the key.
        deletionWindowInDays: protectData ? 30 : 7,
        policy: pulumi.jsonStringify(useOfStackKey(deployment)),
      },
      { parent: this, protect: protectData },
    );
    new aws.kms.Alias(
      `${name}-alias`,
      // Fixed: people look for it in the console by this name.
      { name: `alias/${fixedName(deployment, "data")}`, targetKeyId: key.keyId },
      { parent: this },
    );
    this.arn = key.arn;
    this.registerOutputs({ arn: this.arn });
  }
}

/** The key that the configuration names: none (AWS manages keys), one of the stack's own, or an existing one. */
export function chooseKey(
  choice: string,
  args: EncryptionKeyArgs,
  opts: pulumi.ComponentResourceOptions,
): { readonly keyArn?: pulumi.Input<string> } {
  if (choice === "aws") return {};
  return { keyArn: choice === "create" ? new EncryptionKey("encryption", args, opts).arn : choice };
}
