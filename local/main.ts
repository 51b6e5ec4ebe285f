/** `npm run local`: the whole path on one machine. See help.ts for its options. */
import { type LocalSettings, parseArguments, UsageError } from "./arguments";
import { helpText } from "./help";
import { ensureMariadb } from "./mariadbInstallation";
import { runLocally } from "./run";
import { drawResult } from "./view/finalReport";
import { lineView, terminalView, type View } from "./view/liveView";
import { noColours } from "./view/drawing";
import { createWorkspace, removeAbandonedWorkspaces } from "./workspace";

const exitStatus = { inSync: 0, notInSync: 1, unusable: 2 } as const;

void main().then((status) => {
  process.exit(status);
});

async function main(): Promise<number> {
  try {
    const settings = parseArguments(process.argv.slice(2));
    if (settings === "help") {
      process.stdout.write(helpText);
      return exitStatus.inSync;
    }
    return await run(settings);
  } catch (error) {
    // A defect shows its stack; what the user can mend does not.
    console.error(error instanceof UsageError ? error.message : error);
    return error instanceof UsageError ? exitStatus.unusable : exitStatus.notInSync;
  }
}

async function run(settings: LocalSettings): Promise<number> {
  const view = chooseView(settings);
  const enough = listenForEnd(settings);
  const say = (line: string): void => {
    view.say(line);
  };
  if (!ensureMariadb(say)) return exitStatus.unusable;
  for (const path of removeAbandonedWorkspaces()) view.say(`removed ${path}, which a killed run had left behind`);
  const workspace = createWorkspace();
  const { result, problems } = await runLocally(settings, workspace, view, enough);
  if (!settings.keep) workspace.remove();
  if (settings.json) {
    for (const problem of problems) console.error(problem);
    process.stdout.write(`${JSON.stringify(result)}\n`);
  } else {
    for (const line of drawResult(result, problems, view.palette)) process.stdout.write(`${line}\n`);
  }
  return result.inSync ? exitStatus.inSync : exitStatus.notInSync;
}

function chooseView({ json }: LocalSettings): View {
  if (!json && process.stdout.isTTY) return terminalView(process.stdout);
  const stream = json ? process.stderr : process.stdout;
  return lineView((line) => {
    stream.write(`${line}\n`);
  }, noColours);
}

/**
 * Settles at the first Ctrl-C when somebody watches. Otherwise, and at the second, the process exits, and with it goes
 * everything that it started (see workspace.ts). The same when the npm that started it is gone.
 */
async function listenForEnd({ watch }: LocalSettings): Promise<void> {
  const exitOn = (signal: "SIGINT" | "SIGTERM" | "SIGHUP", status: number): void => {
    process.on(signal, () => process.exit(status));
  };
  exitOn("SIGTERM", 143);
  exitOn("SIGHUP", 129);
  if (process.env["npm_lifecycle_event"] !== undefined) exitWithParent();
  if (watch) await new Promise((resolve) => process.once("SIGINT", resolve));
  exitOn("SIGINT", 130);
}

function exitWithParent(): void {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.exit(exitStatus.notInSync);
  }, 1000).unref();
}
