import { type ChildProcess, spawn, type StdioOptions } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import { type Duplex } from "node:stream";

/** A child process that cannot outlive this one, however this one ends. */
export interface GuardedProcess {
  /** The shell that guards it, with the streams that were asked for. */
  readonly child: ChildProcess;
  /** Process id of the command itself. */
  readonly pid: number;
  /** Settles with the exit status once the command has ended (128 + n: killed by signal n); never rejects. */
  readonly exited: Promise<number>;
  readonly running: boolean;
  /** Signals the command; nothing happens when it has ended. */
  signal(signal: NodeJS.Signals): void;
  /** Kills the command at once. Not the shell: it has to collect the dead, or a zombie would stay. */
  kill(): void;
}

export interface GuardedOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly stdin?: "ignore" | "pipe" | number;
  readonly stdout?: "ignore" | "pipe" | number;
  readonly stderr?: "ignore" | "pipe" | number;
  /** Open Node's own message channel to the command. */
  readonly ipc?: boolean;
}

/**
 * Descriptor 3 is a pipe from this process: its end-of-file means that this process is gone, even by `kill -9`, and the
 * shell then kills the command. It reports the command's process id on the same descriptor. Descriptor 8 is there
 * because a shell gives its background commands /dev/null as standard input.
 */
const guardScript = `
exec 8<&0
"$@" <&8 3<&- 8<&- &
pid=$!
exec 8<&- </dev/null
echo "$pid" >&3
(read -r _ <&3; kill -9 "$pid") >/dev/null 2>&1 &
watcher=$!
wait "$pid"
status=$?
kill "$watcher"
exit "$status"`;

const live = new Set<GuardedProcess>();

export async function spawnGuarded(
  command: string,
  args: readonly string[],
  options: GuardedOptions = {},
): Promise<GuardedProcess> {
  const child = spawn("sh", ["-c", guardScript, "guard", command, ...args], {
    // A process group of its own: a Ctrl-C in the terminal reaches only this process, which then ends the rest in order.
    detached: true,
    stdio: standardStreams(options),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.env === undefined ? {} : { env: options.env }),
  });
  let running = true;
  const ended = new Promise<number>((resolve) => {
    child.once("exit", (code, signal) => {
      running = false;
      resolve(code ?? 128 + constants.signals[signal ?? "SIGKILL"]);
    });
  });
  // `once` rejects when the shell cannot be started at all.
  await once(child, "spawn");
  const guard = child.stdio[3] as Duplex;
  // Either end may vanish at any moment, by design; what counts is the exit.
  guard.on("error", () => undefined);
  const pid = await reportedPid(guard);
  const guarded: GuardedProcess = {
    child,
    pid,
    exited: ended,
    get running() {
      return running;
    },
    signal: (signal) => {
      if (running) signalIfThere(pid, signal);
    },
    kill: () => {
      guarded.signal("SIGKILL");
    },
  };
  live.add(guarded);
  void ended.then(() => {
    guard.destroy();
    live.delete(guarded);
  });
  return guarded;
}

function standardStreams(options: GuardedOptions): StdioOptions {
  const { stdin = "ignore", stdout = "ignore", stderr = "ignore" } = options;
  return options.ipc === true ? [stdin, stdout, stderr, "pipe", "ipc"] : [stdin, stdout, stderr, "pipe"];
}

/** The line is far shorter than a pipe's atomic write, so it arrives in one piece. */
async function reportedPid(guard: Duplex): Promise<number> {
  const line = await new Promise<string>((resolve, reject) => {
    guard.once("data", (chunk: Buffer) => {
      resolve(chunk.toString("latin1"));
    });
    guard.once("close", () => {
      reject(new Error("the guarding shell ended before it reported the process that it started"));
    });
  });
  return Number(line);
}

function signalIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** For the last moment of this process: synchronous, and without waiting for anything to end in good order. */
export function killGuardedProcesses(): void {
  for (const guarded of live) guarded.kill();
}
