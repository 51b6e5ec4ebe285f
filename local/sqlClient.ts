import { closeSync, openSync } from "node:fs";
import { text as readText } from "node:stream/consumers";
import { type GuardedProcess, spawnGuarded } from "./guardedProcess";
import { type Mariadb } from "./mariadb";
import { requireMariadb } from "./mariadbBinaries";

export interface SqlRun {
  /** What the client says about each statement that failed. */
  readonly errors: readonly string[];
  readonly exitStatus: number;
}

/** Runs a file as the mariadb client would: DELIMITER and the client's other commands included. */
export async function runSqlFile(server: Mariadb, file: string, options: { force: boolean }): Promise<SqlRun> {
  const input = openSync(file, "r");
  let client: GuardedProcess;
  try {
    client = await spawnGuarded(
      requireMariadb().client,
      [...clientArguments(server), "--batch", ...(options.force ? ["--force"] : [])],
      { stdin: input, stderr: "pipe" },
    );
  } finally {
    closeSync(input);
  }
  const { stderr } = client.child;
  const said = stderr === null ? "" : await readText(stderr);
  return { errors: said.match(/^ERROR .*$/gmu) ?? [], exitStatus: await client.exited };
}

/** How a person or a client reaches the server as root. */
export function clientArguments(server: Mariadb): readonly string[] {
  return ["--no-defaults", `--socket=${server.socket}`, "--user=root", "--default-character-set=utf8mb4"];
}
