import { accessSync, constants, createReadStream, type ReadStream } from "node:fs";
import { Unusable } from "./unusable";

/** More than a whole day of a stream viewer's copies; everything is held in memory. */
export const inputLimitBytes = 256 * 1024 * 1024;

/**
 * Reads a file, or standard input for `-`.
 *
 * @throws {Unusable} when it cannot be read, has nothing in it, or is too large.
 */
export async function readInput(file: string, stdin: NodeJS.ReadableStream = process.stdin): Promise<Buffer> {
  const input = file === "-" ? stdin : createReadStream(file);
  const name = file === "-" ? "standard input" : file;
  const bytes = await readAll(input, name);
  if (bytes.toString("latin1").trim() === "") {
    throw new Unusable(`${name} is empty; give audit lines, an event or base64 text`);
  }
  return bytes;
}

async function readAll(input: NodeJS.ReadableStream | ReadStream, name: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of input) {
      const bytes = Buffer.from(chunk as Uint8Array);
      chunks.push(bytes);
      length += bytes.length;
      if (length > inputLimitBytes) {
        throw new Unusable(
          `${name} is larger than ${inputLimitBytes} bytes; give it in parts, as split -C 200m makes them`,
        );
      }
    }
  } catch (error) {
    if (error instanceof Unusable) throw error;
    throw new Unusable(
      `${name} cannot be read (${String((error as NodeJS.ErrnoException).code)}); name a file, or - for standard input`,
    );
  }
  return Buffer.concat(chunks);
}

/** Lines without their ends, blank ones left out, each with its number from 1. */
export function splitLines(text: string): readonly { readonly text: string; readonly number: number }[] {
  return text
    .replace(/^\ufeff/u, "")
    .split(/\r?\n/u)
    .map((line, index) => ({ text: line, number: index + 1 }))
    .filter((line) => line.text.trim() !== "");
}

/** Text of bytes; `undefined` when they are not UTF-8. */
export function utf8Text(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    // That is the only thing that it can object to.
    return undefined;
  }
}

/** @throws {Unusable} before anything is started in vain. */
export function checkReadable(file: string): void {
  try {
    accessSync(file, constants.R_OK);
  } catch (error) {
    throw new Unusable(`${file} cannot be read (${String((error as NodeJS.ErrnoException).code)}); name an SQL file`);
  }
}
