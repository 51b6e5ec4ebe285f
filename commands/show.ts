/** Answers of the functions as tables for people. */
import type { DeadReport } from "../handler/operate/dead";
import type { DriftReport } from "../handler/operate/drift";
import type { PendingReport } from "../handler/operate/pending";
import type { JobStatus, RouteStatus, Status } from "../handler/operate/status";
import { bar, count, duration, table, type Screen } from "./screen";

export function showStatus(status: Status, screen: Screen): void {
  const { target, environment, heartbeatAgeSeconds, pending, dead, drift } = status;
  const facts = [
    heartbeatAgeSeconds === null ? "no heartbeat" : `heartbeat ${duration(heartbeatAgeSeconds)} ago`,
    pending.count === 0
      ? "nothing pending"
      : `${count(pending.count)} pending for ${duration(pending.ageSeconds)}, connection ${pending.connectionId ?? "unknown"}`,
    `${count(dead)} dead`,
    `${count(drift)} rows differ`,
  ];
  screen.say(`${target} (${environment}): ${facts.join(", ")}`);
  const rows = status.routes.map((route) => [route.source, route.target, stateOf(route), verifiedOf(route)]);
  for (const line of table(["source table", "target table", "state", "verified"], rows)) screen.say(`  ${line}`);
  for (const { target: id, problem } of status.routes) {
    if (problem !== null) screen.say(screen.bad(`  ${id}: ${problem}`));
  }
}

function stateOf({ state, jobs }: RouteStatus): string {
  return jobs.length === 0 ? state : jobs.map(jobOf).join(", ");
}

function jobOf({ kind, reason, settling, rowsDone, rowsTotal, rowsPerSecond }: JobStatus): string {
  const name = kind === "compare" ? reason : kind;
  if (settling) return `${name}: waiting for changes in flight`;
  // The total is an estimate, so it says 99 % until the end.
  const share = rowsTotal === null || rowsTotal === 0 ? "" : ` ${bar(Math.min(0.99, rowsDone / rowsTotal))}`;
  return `${name}${share} ${count(rowsDone)} rows, ${count(rowsPerSecond)}/s`;
}

function verifiedOf({ verified }: RouteStatus): string {
  if (verified === null) return "never";
  const ago = duration((Date.now() - Date.parse(verified.finishedAt)) / 1_000);
  return `${ago} ago, ${verified.drift === 0 ? "equal" : `${count(verified.drift)} rows differed`}`;
}

export function showDrift(name: string, { tables }: DriftReport, screen: Screen): void {
  for (const { source, target, rows, ranges, incomplete } of tables) {
    if (rows === 0) {
      screen.say(screen.good(`${name}: ${source} → ${target}: equal`));
      continue;
    }
    const more = incomplete ? " and more; repair compares the whole table" : "";
    screen.say(screen.bad(`${name}: ${source} → ${target}: ${count(rows)} rows differ${more}`));
    const lines = ranges.map(({ from, to, missing, extra, different, examples }) => [
      `${from ?? "start"} .. ${to ?? "end"}`,
      count(missing),
      count(extra),
      count(different),
      examples.join(", "),
    ]);
    const head = ["keys", "missing", "extra", "different", "for example"];
    for (const line of table(head, lines, [1, 2, 3])) screen.say(`  ${line}`);
  }
}

export function showPending(name: string, { transactions, more }: PendingReport, screen: Screen): void {
  if (transactions.length === 0) {
    screen.say(`${name}: nothing waits for an open transaction`);
    return;
  }
  screen.say(`${name}: changes wait for these transactions of the source`);
  const rows = transactions.map(({ connectionId, transactionId, ageSeconds, touches, tables }) => [
    connectionId,
    transactionId,
    duration(ageSeconds),
    count(touches),
    tables.join(", "),
  ]);
  for (const line of table(["connection", "transaction", "for", "touches", "tables"], rows, [0, 1, 2, 3])) {
    screen.say(`  ${line}`);
  }
  if (more > 0) screen.say(`  and ${count(more)} entries more`);
}

export function showDead(name: string, { entries, more }: DeadReport, screen: Screen): void {
  if (entries.length === 0) {
    screen.say(`${name}: nothing is set aside`);
    return;
  }
  screen.say(`${name}: set aside`);
  const rows = entries.map(({ id, kind, table: route, key, reason, attempts, ageSeconds }) => [
    id,
    kind,
    route ?? "",
    key ?? "",
    count(attempts),
    duration(ageSeconds),
    reason,
  ]);
  const head = ["id", "kind", "table", "key", "attempts", "since", "reason"];
  for (const line of table(head, rows, [0, 4, 5])) screen.say(`  ${line}`);
  if (more > 0) screen.say(`  and ${count(more)} entries more`);
}
