import { Session } from "../sql/connection";
import { heartbeatStatement } from "./reading";
import type { Configuration } from "./configuration";

/**
 * Writes a marker into the audit log: a DO statement of a user without privileges whom the log does not exclude. It must
 * come back through the whole path; its age is the freshness that an alarm watches.
 */
export async function beatHeart({ heartbeat, targetName }: Configuration): Promise<void> {
  if (heartbeat === undefined) return;
  const session = await Session.open("source as the heartbeat user", await heartbeat(), []);
  try {
    await session.run(heartbeatStatement(targetName, Date.now()), "writing the heartbeat");
  } finally {
    await session.close();
  }
}
