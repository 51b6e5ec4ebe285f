import { once } from "node:events";

/** Writes lines as fast as the reader takes them. A reader that has seen enough (`| head`) ends the process quietly. */
export async function writeLines(lines: Iterable<string>, output: NodeJS.WriteStream = process.stdout): Promise<void> {
  for (const line of lines) {
    if (!output.write(`${line}\n`)) await once(output, "drain");
  }
}

/** EPIPE means that nobody reads on, which is no failure. */
export function endWithReader(output: NodeJS.WriteStream = process.stdout): void {
  output.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
    throw error;
  });
}
