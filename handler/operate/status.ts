import type { RoutePlan } from "../routes/plan";
import { tableKey } from "../source/catalog";
import { verificationSetting } from "../refresh/verify";
import type { Job, JobKind, Outstanding } from "../state/store";
import type { Desk } from "../sync/worker";
import { age } from "../metrics";
import { chooseRoutes } from "./routes";

export interface JobStatus {
  readonly kind: JobKind;
  readonly reason: string;
  /** A verification that has compared everything and waits for the changes in flight. */
  readonly settling: boolean;
  readonly rowsDone: number;
  /** The source's estimate; `null`: not known yet. */
  readonly rowsTotal: number | null;
  /** Rows per second since the job was asked for. */
  readonly rowsPerSecond: number;
  readonly ageSeconds: number;
}

export interface RouteStatus {
  readonly source: string;
  readonly target: string;
  readonly state: "following" | "working" | "stopped";
  /** Of a stopped route: what to mend. */
  readonly problem: string | null;
  readonly jobs: readonly JobStatus[];
  /** The last verification: `drift` rows differed. */
  readonly verified: { readonly finishedAt: string; readonly rows: number; readonly drift: number } | null;
}

export interface Status extends Outstanding {
  readonly environment: string;
  readonly target: string;
  /** `null`: there are no heartbeats. */
  readonly heartbeatAgeSeconds: number | null;
  readonly routes: readonly RouteStatus[];
}

/** How a target stands. Stopped routes are listed whatever the table. */
export async function readStatus(
  desk: Desk,
  names: { readonly environment: string; readonly target: string },
  table: string | undefined,
): Promise<Status> {
  const { context, heartbeatMs } = desk;
  const { store } = context;
  const jobs = await store.jobs();
  const verifications = await store.settings(verificationSetting(""));
  const routes = chooseRoutes(desk, table)
    .filter(({ id }) => !desk.stopped.has(id))
    .map((plan) => routeStatus(plan, jobs, verifications));
  return {
    ...names,
    heartbeatAgeSeconds: heartbeatMs === undefined ? null : age(heartbeatMs, Date.now()),
    ...(await store.outstanding()),
    routes: [...routes, ...stoppedRoutes(desk)],
  };
}

function routeStatus(plan: RoutePlan, jobs: readonly Job[], verifications: ReadonlyMap<string, unknown>): RouteStatus {
  const own = jobs.filter(({ route }) => route === plan.id);
  return {
    source: tableKey(plan.source.name),
    target: plan.id,
    state: own.length > 0 ? "working" : "following",
    problem: null,
    jobs: own.map(jobStatus),
    verified: (verifications.get(verificationSetting(plan.id)) ?? null) as RouteStatus["verified"],
  };
}

function jobStatus(job: Job): JobStatus {
  const { kind, reason, rowsDone, ageSeconds } = job;
  const { work } = job;
  return {
    kind,
    reason,
    settling:
      kind === "verify" && typeof work === "object" && work !== null && "phase" in work && work.phase !== "look",
    rowsDone,
    rowsTotal: job.rowsTotal ?? null,
    rowsPerSecond: Math.round(rowsDone / Math.max(1, ageSeconds)),
    ageSeconds,
  };
}

function stoppedRoutes({ picture, stopped }: Desk): readonly RouteStatus[] {
  return [...stopped].map(([id, problem]) => ({
    source: picture.stopped.find((route) => route.id === id)?.route.split(" → ")[0] ?? id,
    target: id,
    state: "stopped",
    problem,
    jobs: [],
    verified: null,
  }));
}
