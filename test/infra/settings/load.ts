/** Loads settings the way the program does, without deploying anything. */
import * as pulumi from "@pulumi/pulumi";
import { loadSettings, type Settings } from "../../../infra/settings";
import { SettingsError } from "../../../infra/settingsError";
import { deploy } from "../deploy";
import type { Config } from "../stackFiles";

/** The least that a stack of one's own needs: where, and what follows what. */
export const leastConfig: Config = {
  "aws:region": "eu-central-1",
  "audit-sync:targets": [{ name: "crm", database: { engine: "mysql" }, routes: [{ source: "shop.orders" }] }],
};

/** `changes` are of the project's own keys; `undefined` removes one. */
export async function load(changes: Config = {}, { stack = "dev", region = "eu-central-1" } = {}): Promise<Settings> {
  const own = Object.fromEntries(Object.entries(changes).map(([key, value]) => [`audit-sync:${key}`, value]));
  const config: Config = { ...leastConfig, "aws:region": region, ...own };
  const set = Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined));
  return (await deploy(() => loadSettings(), { stack, config: set })).result;
}

/** What the program says to a configuration that it refuses. */
export async function refusal(changes: Config, options: { stack?: string; region?: string } = {}): Promise<string> {
  try {
    await load(changes, options);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    // Pulumi prints the message of a RunError alone, without a stack.
    if (!pulumi.RunError.isInstance(error)) throw new Error("SettingsError is no RunError", { cause: error });
    return error.message;
  }
  throw new Error("the configuration was accepted");
}

/** One problem as it is printed. */
export function problem(key: string, value: string | undefined, rule: string, fix: string): string {
  const name = key.includes(":") ? key : `audit-sync:${key}`;
  return [
    "the configuration of this stack cannot be deployed:",
    `  - ${name}${value === undefined ? "" : ` = ${value}`}: ${rule}`,
    `    mend it with: ${fix}`,
  ].join("\n");
}
