import { resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { buildSync } from "esbuild";

/** The deployed files by name; byte-stable, so that a preview without a change shows none. */
export interface HandlerBundle {
  readonly "index.js": string;
  readonly "index.js.map": string;
}

const projectRoot = resolve(__dirname, "..");

/** Bundling costs more than the rest of the program, and the sources do not change while it runs. */
const bundled = new Map<string, HandlerBundle>();

/** The function that keeps a target in step: `handler/`, for Lambda's `index.handler`. */
export function bundleHandler(): HandlerBundle {
  return bundleOnce("handler/index.ts");
}

/** The function that makes the sync's users on databases of this stack's own. */
export function bundleUsersFunction(): HandlerBundle {
  return bundleOnce("handler/users/index.ts");
}

function bundleOnce(entryPoint: string): HandlerBundle {
  const made = bundled.get(entryPoint) ?? bundle(entryPoint);
  bundled.set(entryPoint, made);
  return made;
}

/** A bundle as Lambda wants it, with further files beside it. */
export function functionCode(
  bundle: HandlerBundle,
  further: Readonly<Record<string, string>> = {},
): pulumi.asset.AssetArchive {
  const files = Object.entries({ ...bundle, ...further });
  return new pulumi.asset.AssetArchive(
    Object.fromEntries(files.map(([name, text]) => [name, new pulumi.asset.StringAsset(text)])),
  );
}

/**
 * One CommonJS file, because mysql2 as an ES module fails with `Dynamic require of "buffer"`. Paths in the source map are
 * relative to the project, so that two checkouts agree.
 */
function bundle(entryPoint: string): HandlerBundle {
  const { outputFiles } = buildSync({
    absWorkingDir: projectRoot,
    entryPoints: [entryPoint],
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
    if (file === undefined) throw new Error(`esbuild made no ${suffix} from ${entryPoint}`);
    return file.text;
  };
  return { "index.js": text("index.js"), "index.js.map": text("index.js.map") };
}
