import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type Readable } from "node:stream";
import { spawnGuarded } from "../guardedProcess";
import { hostFileName } from "./bundle";
import { type Invocation, type InvocationResult } from "./host";

/** One execution environment of a function: runs one invocation at a time and stays for the next, as Lambda's do. */
export interface ExecutionEnvironment {
  readonly pid: number;
  readonly running: boolean;
  /** @throws {Error} with what the function threw, or because it ran out of time or its process ended. */
  invoke(event: unknown): Promise<unknown>;
  readonly kill: () => void;
  /** Lets it end, and settles when all that it wrote has been read. */
  close(): Promise<void>;
}

export interface ProcessSettings {
  /** Holds the bundle; see bundle.ts. */
  readonly folder: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly memoryMb: number;
  /** Every line that the function writes. */
  readonly onLine: (line: string) => void;
}

export async function startFunctionProcess(settings: ProcessSettings): Promise<ExecutionEnvironment> {
  const { folder, variables, timeoutMs, memoryMb, onLine } = settings;
  const host = await spawnGuarded(
    process.execPath,
    [...heapOptions(memoryMb), "--enable-source-maps", join(folder, hostFileName)],
    { cwd: folder, env: variables, stdout: "pipe", stderr: "pipe", ipc: true },
  );
  const { child } = host;
  const output = Promise.all([readLines(child.stdout, onLine), readLines(child.stderr, onLine)]);
  const results = new Map<string, (result: InvocationResult) => void>();
  child.on("message", (result: InvocationResult) => results.get(result.requestId)?.(result));
  // A message to a process that was killed a moment ago cannot be delivered; its exit tells.
  child.on("error", () => undefined);

  const exchange = async (invocation: Invocation): Promise<InvocationResult | undefined> => {
    const answered = new Promise<InvocationResult>((resolve) => results.set(invocation.requestId, resolve));
    child.send(invocation, () => undefined);
    return await Promise.race([answered, host.exited.then(() => undefined)]);
  };
  return {
    pid: host.pid,
    get running() {
      return host.running;
    },
    invoke: async (event) => {
      const invocation = { requestId: randomUUID(), event, deadlineMs: Date.now() + timeoutMs };
      const timer = setTimeout(() => {
        onLine(`killed after ${timeoutMs} ms`);
        host.kill();
      }, timeoutMs);
      const result = await exchange(invocation);
      clearTimeout(timer);
      results.delete(invocation.requestId);
      if (result === undefined) throw new Error("the function's process ended before it answered");
      if ("error" in result) throw new Error(result.error);
      return result.response;
    },
    kill: () => {
      host.kill();
    },
    close: async () => {
      if (child.connected) child.disconnect();
      await Promise.all([host.exited, output]);
    },
  };
}

/** As Lambda starts Node: 90 % of the function's memory for what stays, 5 % for each half of what is new. */
function heapOptions(memoryMb: number): readonly string[] {
  const newSpace = Math.floor(memoryMb / 10);
  return [`--max-semi-space-size=${Math.floor(newSpace / 2)}`, `--max-old-space-size=${memoryMb - newSpace}`];
}

async function readLines(stream: Readable | null, onLine: (line: string) => void): Promise<void> {
  if (stream === null) return;
  const lines = createInterface({ input: stream }).on("line", onLine);
  await once(lines, "close");
}
