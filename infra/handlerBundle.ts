import { resolve } from "node:path";
import { buildSync } from "esbuild";

/** The deployed files by name; byte-stable, so that a preview without a change shows none. */
export interface HandlerBundle {
  readonly "index.js": string;
  readonly "index.js.map": string;
}

const projectRoot = resolve(__dirname, "..");

/**
 * Bundles `handler/` into one CommonJS file for Lambda's `index.handler`. CommonJS because mysql2 as an ES module fails
 * with `Dynamic require of "buffer"`. Paths in the source map are relative to the project, so that two checkouts agree.
 */
export function bundleHandler(): HandlerBundle {
  const { outputFiles } = buildSync({
    absWorkingDir: projectRoot,
    entryPoints: ["handler/index.ts"],
    outfile: "dist/index.js",
    bundle: true,
    minify: true,
    keepNames: true,
    platform: "node",
    format: "cjs",
    target: "node24",
    sourcemap: "linked",
    sourcesContent: false,
    legalComments: "none",
    charset: "utf8",
    write: false,
    logLevel: "silent",
  });
  const text = (suffix: string): string => {
    const file = outputFiles.find(({ path }) => path.endsWith(suffix));
    if (file === undefined) throw new Error(`esbuild made no ${suffix} from handler/index.ts`);
    return file.text;
  };
  return { "index.js": text("index.js"), "index.js.map": text("index.js.map") };
}
