/** A real Chromium for tests of the page. */
import { type Browser, chromium } from "playwright-core";
import { spawnSync } from "node:child_process";
import { findExecutable } from "../../../local/mariadbBinaries";

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/**
 * Starts the Chromium of this machine; installs it where that needs no question.
 *
 * @returns why there is none, for a test that skips itself.
 */
export async function startBrowser(): Promise<Browser | string> {
  const executablePath = find() ?? install();
  if (executablePath === undefined) return "there is no Chromium; install one (apt-get install chromium)";
  // Its sandbox refuses to run as root, and the page is our own.
  return await chromium.launch({ executablePath, args: ["--no-sandbox"] });
}

function find(): string | undefined {
  return names.map(findExecutable).find((path) => path !== undefined);
}

function install(): string | undefined {
  if (findExecutable("apt-get") === undefined || process.getuid?.() !== 0) return undefined;
  const apt = ["-y", "-qq", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=120"];
  spawnSync("apt-get", ["update", "-qq"], { stdio: "ignore" });
  spawnSync("apt-get", ["install", ...apt, "chromium", "fonts-dejavu-core"], {
    stdio: "ignore",
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  });
  return find();
}
