import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect } from "chai";
import { bundleHandler, bundleUsersFunction, functionCode, type HandlerBundle } from "../../infra/handlerBundle";
import { deploymentTimeoutMs } from "./variants";
import { projectRoot } from "./stackFiles";

const loader = createRequire(__filename).resolve("tsx");

/** What another run of the program bundles, in a process of its own that works elsewhere. */
function bundleAgain(folder: string): Readonly<Record<"handler" | "users", HandlerBundle>> {
  const script = join(folder, "bundle.cjs");
  writeFileSync(
    script,
    `const { bundleHandler, bundleUsersFunction } = require(${JSON.stringify(`${projectRoot}/infra/handlerBundle.ts`)});
     process.stdout.write(JSON.stringify({ handler: bundleHandler(), users: bundleUsersFunction() }));`,
  );
  const output = execFileSync(process.execPath, ["--import", pathToFileURL(loader).href, script], {
    cwd: folder,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  return JSON.parse(output) as Readonly<Record<"handler" | "users", HandlerBundle>>;
}

describe("the handler's bundle", function () {
  this.timeout(deploymentTimeoutMs);

  it("has the same bytes when another run bundles it in another working directory", () => {
    const folder = mkdtempSync(join(tmpdir(), "audit-sync-bundle-"));
    try {
      const again = bundleAgain(folder);

      expect(again.handler["index.js"] === bundleHandler()["index.js"], "handler code").to.equal(true);
      expect(again.handler["index.js.map"] === bundleHandler()["index.js.map"], "handler source map").to.equal(true);
      expect(again.users["index.js"] === bundleUsersFunction()["index.js"], "users code").to.equal(true);
      expect(again.users["index.js.map"] === bundleUsersFunction()["index.js.map"], "users source map").to.equal(true);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("says nothing of the machine that it was made on", () => {
    for (const bundle of [bundleHandler(), bundleUsersFunction()]) {
      expect(bundle["index.js"].includes(projectRoot)).to.equal(false);
      expect(bundle["index.js.map"].includes(projectRoot)).to.equal(false);
    }
  });

  it("stays far below what Lambda takes, and carries no code of the infrastructure", () => {
    const { "index.js": code, "index.js.map": map } = bundleHandler();

    expect(code.length).to.be.below(5 * 1024 * 1024);
    expect(map.includes("@pulumi/")).to.equal(false);
    expect(map.includes("../infra/")).to.equal(false);
  });

  it("lies in an archive under the names that Lambda and the handler look for", async () => {
    const archive = functionCode({ "index.js": "code", "index.js.map": "map" }, { "config.json": "{}" });

    const assets = await archive.assets;
    expect(Object.keys(assets)).to.deep.equal(["index.js", "index.js.map", "config.json"]);
  });
});
