/** The program as it stands, with the stack files as they stand. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import * as v from "valibot";
import { parse } from "yaml";
import { deploy, type Deployed } from "./deploy";

export const projectRoot = resolve(__dirname, "../..");

export type Config = Readonly<Record<string, unknown>>;
export type Outputs = Readonly<Record<string, unknown>>;
export type DeployedStack = Deployed<Outputs>;

const stackFile = v.object({ config: v.record(v.string(), v.unknown()) });

export function readStackFile(stack: string): Config {
  return v.parse(stackFile, parse(readFileSync(`${projectRoot}/Pulumi.${stack}.yaml`, "utf8"))).config;
}

const requireAgain = createRequire(__filename);

/** Imports `index.ts` afresh: it creates its resources while it loads. */
export function runProgram(): Outputs {
  const program = requireAgain.resolve(`${projectRoot}/index.ts`);
  // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- how Node forgets a module
  delete requireAgain.cache[program];
  return requireAgain(program) as Outputs;
}

/** Deploys a stack from its file; `changes` are of the project's own keys, and `undefined` removes one. */
export async function deployStack(
  stack: string,
  changes: Config = {},
  options: { readonly preview?: boolean } = {},
): Promise<DeployedStack> {
  return await deploy(runProgram, { stack, config: configWith(stack, changes), ...options });
}

export function configWith(stack: string, changes: Config): Config {
  const own = Object.entries(changes).map(([key, value]) => [`audit-sync:${key}`, value] as const);
  const all = Object.entries({ ...readStackFile(stack), ...Object.fromEntries(own) });
  return Object.fromEntries(all.filter(([, value]) => value !== undefined));
}
