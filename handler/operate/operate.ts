/** Carries out what an operator asks for. */
import { requestRepair, startOfVerify, verificationSetting, type Verification } from "../refresh/verify";
import { locked } from "../refresh/locked";
import type { RoutePlan } from "../routes/plan";
import type { Desk, Worker } from "../sync/worker";
import { drop, listDead, redrive, type DeadReport, type Redriven } from "./dead";
import { reportDrift, type DriftReport } from "./drift";
import { listPending, type PendingReport } from "./pending";
import type { Operation } from "./request";
import { chooseRoutes } from "./routes";
import { readStatus, type Status } from "./status";

/** The tables whose jobs were asked for. One that is in progress is not asked for twice. */
export interface Requested {
  readonly requested: readonly string[];
}

/** What each action answers with. */
export interface Answers {
  readonly status: Status;
  readonly backfill: Requested;
  readonly verify: Requested;
  readonly repair: Requested;
  readonly drift: DriftReport;
  readonly pending: PendingReport;
  readonly dead: DeadReport;
  readonly redrive: Redriven;
  readonly drop: { readonly dropped: number };
}

/** `names` are those of the metrics; what can take long ends at `untilMs` (milliseconds since the epoch). */
export async function operate(
  worker: Worker,
  request: Operation,
  names: { readonly environment: string; readonly target: string },
  untilMs: number,
): Promise<Answers[Operation["action"]]> {
  // Each entry is a piece of work of its own, and a record may change the picture.
  if (request.action === "redrive") return await redrive(worker, request, untilMs);
  return await worker.attend(async (desk): Promise<Answers[Operation["action"]]> => {
    switch (request.action) {
      case "status":
        return await readStatus(desk, names, request.table);
      case "backfill":
      case "verify":
      case "repair":
        return await requestJobs(desk, request.action, request.table);
      case "drift":
        return await reportDrift(desk, request.table, request.limit);
      case "pending":
        return await listPending(desk, request.limit);
      case "dead":
        return await listDead(desk, request.table, request.limit);
      case "drop":
        return await drop(desk, request);
    }
  });
}

async function requestJobs(
  desk: Desk,
  action: "backfill" | "verify" | "repair",
  table: string | undefined,
): Promise<Requested> {
  const requested: string[] = [];
  for (const plan of chooseRoutes(desk, table)) {
    await locked(desk.context, plan, async () => {
      if (await requestJob(desk, plan, action)) requested.push(plan.id);
    });
  }
  return { requested };
}

/** False when there is nothing to do. */
async function requestJob(
  { context }: Desk,
  plan: RoutePlan,
  action: "backfill" | "verify" | "repair",
): Promise<boolean> {
  const { store } = context;
  switch (action) {
    case "backfill":
      await store.requestCompare(plan.id, "backfill");
      return true;
    case "verify":
      await store.requestOnce(plan.id, "verify", startOfVerify);
      return true;
    case "repair": {
      if ((await store.differences.confirmed(plan.id, undefined, 1)).length === 0) return false;
      const verification = (await store.setting(verificationSetting(plan.id))) as Verification | undefined;
      await requestRepair(context, plan, verification);
      return true;
    }
  }
}
