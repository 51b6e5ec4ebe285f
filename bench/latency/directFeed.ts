/** Hands the audit log to the function without any delivery between: each invocation takes what the log has by then. */
import { statSync } from "node:fs";
import { pause } from "../../local/pause";
import { type Mariadb } from "../../local/mariadb";
import { AuditTail } from "../../local/shipping/auditTail";
import { readLines, toRecords } from "../rig/backlog";
import { type SyncFollower } from "../rig/syncFollower";

const idleMs = 2;

export async function feedDirectly(source: Mariadb, follower: SyncFollower, stop: AbortSignal): Promise<void> {
  const tail = new AuditTail(source.auditFile, statSync(source.auditFile).size);
  try {
    while (!stop.aborted) {
      const lines = readLines(tail);
      if (lines.length === 0) await pause(idleMs, stop);
      else await follower.deliver(toRecords(lines));
    }
  } finally {
    tail.close();
  }
}
