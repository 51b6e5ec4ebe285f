/** A socket in the workspace through which `npm run sync -- --local` reaches the functions of a running pipeline. */
import { createServer } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { text as readText } from "node:stream/consumers";
import { type SyncFunction } from "./function/syncFunction";

export interface ControlledFunction {
  readonly name: string;
  readonly function: Pick<SyncFunction, "invoke">;
  /** Folder with what was given up. */
  readonly failures: string;
}

export interface Control {
  close(): void;
}

export function controlSocket(workspace: string): string {
  return join(workspace, "control");
}

/**
 * Answers each connection's request: `{}` with the list of functions, `{ target, event }` with what the function of that
 * target returns for the event. The socket is in a folder that only its owner may enter.
 */
export async function startControl(workspace: string, functions: readonly ControlledFunction[]): Promise<Control> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    // A client that goes away needs no answer.
    socket.on("error", () => undefined);
    void readText(socket)
      .then(async (request) => {
        const answer = await answerTo(request, functions);
        socket.end(JSON.stringify(answer));
      })
      .catch(() => {
        socket.destroy();
      });
  });
  server.listen(controlSocket(workspace));
  await once(server, "listening");
  return {
    close: () => {
      server.close();
    },
  };
}

async function answerTo(request: string, functions: readonly ControlledFunction[]): Promise<unknown> {
  try {
    const { target, event } = JSON.parse(request) as { target?: unknown; event?: unknown };
    if (target === undefined) return { response: functions.map(({ name, failures }) => ({ name, failures })) };
    const wanted = functions.find(({ name }) => name === target);
    if (wanted === undefined) return { error: "there is no target of that name", errorName: "RequestError" };
    return { response: await wanted.function.invoke(event) };
  } catch (error) {
    // The function's errors come as text: their name, their message and their stack.
    const { name, message: text } = error as Error;
    const [first = ""] = text.split("\n");
    const [, errorName = name, message = first] = /^(\w*Error): (.*)$/u.exec(first) ?? [];
    return { error: message, errorName };
  }
}
