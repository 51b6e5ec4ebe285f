/** Functions of a pipeline that runs on this machine, reached through the socket in its workspace. */
import { existsSync } from "node:fs";
import { connect } from "node:net";
import { text as readText } from "node:stream/consumers";
import * as v from "valibot";
import { controlSocket } from "../local/control";
import { runningWorkspaces } from "../local/workspace";
import { UsageError } from "./arguments";
import { failureFolder } from "./failureFolder";
import { FunctionError, type SyncFunction } from "./syncFunction";

const answerSchema = v.union([
  v.object({ error: v.string(), errorName: v.string() }),
  v.object({ response: v.unknown() }),
]);
const listSchema = v.array(v.object({ name: v.string(), failures: v.string() }));

/** @throws {UsageError} when no pipeline runs, or several do and none is named. */
export async function localFunctions(workspace: string | undefined): Promise<readonly SyncFunction[]> {
  const path = workspace ?? onlyWorkspace();
  const list = v.safeParse(listSchema, await exchange(path, {}));
  if (!list.success)
    throw new UsageError(`the pipeline in ${path} does not answer as this version does; start it again`);
  return list.output.map(({ name, failures }) => ({
    name,
    failures: failureFolder(failures),
    invoke: (event) => exchange(path, { target: name, event }),
  }));
}

function onlyWorkspace(): string {
  const running = runningWorkspaces().filter((path) => existsSync(controlSocket(path)));
  const [only] = running;
  if (only === undefined) throw new UsageError("no pipeline runs here; start one with npm run local -- --watch");
  if (running.length > 1) {
    throw new UsageError(`several pipelines run here; choose one with --workspace:\n  ${running.join("\n  ")}`);
  }
  return only;
}

/** One request, one answer, one connection. */
async function exchange(workspace: string, request: unknown): Promise<unknown> {
  const socket = connect(controlSocket(workspace));
  let said: string;
  try {
    socket.end(JSON.stringify(request));
    said = await readText(socket);
  } catch (error) {
    throw new UsageError(`the pipeline in ${workspace} cannot be reached: ${(error as Error).message}`);
  }
  const answer = v.safeParse(v.pipe(v.string(), v.parseJson(), answerSchema), said);
  if (!answer.success) throw new FunctionError("the pipeline ended before it answered", "");
  if ("error" in answer.output) throw new FunctionError(answer.output.error, answer.output.errorName);
  return answer.output.response;
}
