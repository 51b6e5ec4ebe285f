import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { type BundledConfig, configFileName } from "../../handler/contract/environment";
import { type HandlerBundle } from "../../infra/handlerBundle";

/** File in the function's directory that runs the bundle; see host.ts. */
export const hostFileName = "host.js";

/** Writes what is deployed, and beside it the process that takes the place of Lambda's runtime. */
export function writeFunction(folder: string, bundle: HandlerBundle, config: BundledConfig): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "index.js"), bundle["index.js"]);
  writeFileSync(join(folder, "index.js.map"), bundle["index.js.map"]);
  writeFileSync(join(folder, configFileName), JSON.stringify(config));
  buildSync({
    entryPoints: [join(__dirname, "host.ts")],
    outfile: join(folder, hostFileName),
    platform: "node",
    format: "cjs",
    bundle: true,
    logLevel: "silent",
  });
}
