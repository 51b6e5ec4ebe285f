/** What each verb does: asks the functions, shows their answers, and says whether all is well. */
import type { Command } from "./arguments";
import { replay, type Replayed } from "./replay";
import { count, type Screen } from "./screen";
import { showDead, showDrift, showPending, showStatus } from "./show";
import { ask, type SyncFunction } from "./syncFunction";
import { waitForJobs, type Awaited } from "./wait";

export interface Result {
  /** Nothing differs, nothing is set aside or stopped, and what was asked for is done. */
  readonly fine: boolean;
  /** What `--json` prints, by target. */
  readonly targets: Readonly<Record<string, unknown>>;
}

/** Seconds after which a heartbeat is overdue; the alarm's default. */
const heartbeatLimitSeconds = 600;

type Targets = readonly SyncFunction[];

export async function runVerb(command: Command, targets: Targets, screen: Screen): Promise<Result> {
  switch (command.verb) {
    case "status":
      return await status(command, targets, screen);
    case "backfill":
      return await backfill(command, targets, screen);
    case "verify":
      return await verify(command, targets, screen);
    case "repair":
      return await repair(command, targets, screen);
    case "pending":
      return await each(targets, async (target) => {
        const answer = await ask(target, "pending", {});
        showPending(target.name, answer, screen);
        return { fine: true, answer };
      });
    case "dead":
      return await each(targets, async (target) => {
        const answer = await ask(target, "dead", given(command));
        showDead(target.name, answer, screen);
        return { fine: answer.entries.length === 0, answer };
      });
    case "drop":
      return await each(targets, async (target) => {
        const answer = await ask(target, "drop", { ...given(command), ids: idsOf(command) });
        screen.say(`${target.name}: forgot ${count(answer.dropped)} entries`);
        return { fine: true, answer };
      });
    case "redrive":
      return await each(targets, (target) => redrive(command, target, screen));
    case "replay":
      return await each(targets, async (target) => {
        const answer = await replay(target, screen);
        showReplayed(answer, screen);
        return { fine: answer.left.length === 0, answer };
      });
  }
}

/** One target after the other, so that their tables do not mix. */
async function each(
  targets: Targets,
  work: (target: SyncFunction) => Promise<{ readonly fine: boolean; readonly answer: unknown }>,
): Promise<Result> {
  const answers: [string, unknown][] = [];
  let fine = true;
  for (const target of targets) {
    const result = await work(target);
    fine &&= result.fine;
    answers.push([target.name, result.answer]);
  }
  return { fine, targets: Object.fromEntries(answers) };
}

function given({ table }: Command): { table?: string } {
  return table === undefined ? {} : { table };
}

function idsOf({ ids }: Command): "all" | string[] {
  return ids === "all" ? "all" : [...ids];
}

async function status(command: Command, targets: Targets, screen: Screen): Promise<Result> {
  return await each(targets, async (target) => {
    const answer = await ask(target, "status", given(command));
    showStatus(answer, screen);
    const { dead, drift, routes, heartbeatAgeSeconds } = answer;
    const late = heartbeatAgeSeconds !== null && heartbeatAgeSeconds > heartbeatLimitSeconds;
    const stopped = routes.some(({ state }) => state === "stopped");
    return { fine: dead === 0 && drift === 0 && !stopped && !late, answer };
  });
}

/** Asks every target for a job, and waits for it unless told not to. Returns what is not done. */
async function request(
  action: "backfill" | "verify" | "repair",
  command: Command,
  targets: Targets,
  screen: Screen,
): Promise<{ readonly asked: readonly Awaited[]; readonly problems: readonly string[] }> {
  const asked: Awaited[] = [];
  for (const target of targets) {
    const { requested } = await ask(target, action, given(command));
    asked.push({ target, tables: requested });
  }
  if (!command.wait) return { asked, problems: [] };
  const kinds = { backfill: ["compare"], verify: ["verify"], repair: ["repair", "compare"] } as const;
  const problems = await waitForJobs(asked, kinds[action], Date.now() + command.timeoutMs, screen);
  for (const problem of problems) screen.complain(problem);
  return { asked, problems };
}

async function backfill(command: Command, targets: Targets, screen: Screen): Promise<Result> {
  const { asked, problems } = await request("backfill", command, targets, screen);
  for (const { target, tables } of asked) {
    screen.say(`${target.name}: ${command.wait ? "compared" : "asked for"} ${tables.join(", ")}`);
  }
  return { fine: problems.length === 0, targets: tablesOf(asked) };
}

async function verify(command: Command, targets: Targets, screen: Screen): Promise<Result> {
  const { asked, problems } = await request("verify", command, targets, screen);
  if (!command.wait) {
    for (const { target, tables } of asked) screen.say(`${target.name}: asked for ${tables.join(", ")}`);
    return { fine: true, targets: tablesOf(asked) };
  }
  const result = await driftOf(command, targets, screen);
  return { ...result, fine: result.fine && problems.length === 0 };
}

async function repair(command: Command, targets: Targets, screen: Screen): Promise<Result> {
  const { asked, problems } = await request("repair", command, targets, screen);
  for (const { target, tables } of asked) {
    if (tables.length === 0) screen.say(`${target.name}: nothing to repair; the last verification found no difference`);
    else if (!command.wait) screen.say(`${target.name}: asked for ${tables.join(", ")}`);
  }
  if (!command.wait) return { fine: true, targets: tablesOf(asked) };
  const result = await driftOf(command, targets, screen);
  return { ...result, fine: result.fine && problems.length === 0 };
}

async function driftOf(command: Command, targets: Targets, screen: Screen): Promise<Result> {
  return await each(targets, async (target) => {
    const answer = await ask(target, "drift", given(command));
    showDrift(target.name, answer, screen);
    return { fine: answer.tables.every(({ rows }) => rows === 0), answer };
  });
}

function tablesOf(asked: readonly Awaited[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(asked.map(({ target, tables }) => [target.name, { requested: tables }]));
}

/** As many invocations as it takes: each ends in time and says where it stopped. */
async function redrive(
  command: Command,
  target: SyncFunction,
  screen: Screen,
): Promise<{ readonly fine: boolean; readonly answer: unknown }> {
  let applied = 0;
  let refused = 0;
  let left: number;
  let after: { after?: string } = {};
  do {
    const answer = await ask(target, "redrive", { ...given(command), ids: idsOf(command), ...after });
    applied += answer.applied;
    refused += answer.refused;
    ({ left } = answer);
    after = answer.last === null ? {} : { after: answer.last };
    screen.progress([
      `${target.name.padEnd(12)} ${count(applied)} applied, ${count(refused)} refused, ${count(left)} left`,
    ]);
  } while (left > 0);
  screen.say(`${target.name}: ${count(applied)} applied and gone, ${count(refused)} refused again`);
  return { fine: refused === 0, answer: { applied, refused } };
}

function showReplayed({ target, applied, left }: Replayed, screen: Screen): void {
  screen.say(`${target}: ${count(applied)} batches applied and gone, ${count(left.length)} left`);
  for (const { name, problem } of left) screen.say(screen.bad(`  ${name}: ${problem}`));
}
