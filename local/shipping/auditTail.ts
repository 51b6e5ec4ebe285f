import { closeSync, fstatSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";

const chunkBytes = 1024 * 1024;
const newline = 0x0a;

/** Reads the lines that are appended to an audit file, across the server's own rotation of it. */
export class AuditTail {
  readonly #path: string;
  readonly #chunk = Buffer.alloc(chunkBytes);
  #file: number;
  #position: number;
  #rest = Buffer.alloc(0);

  constructor(path: string, position: number) {
    this.#path = path;
    this.#position = position;
    this.#file = openSync(path, "r");
  }

  /**
   * The next lines without their line breaks, as Latin-1, at most a megabyte of them at once; `undefined`: there is
   * nothing more yet.
   *
   * @throws {Error} when the server rotated a file away before it was read: changes are lost.
   */
  read(): readonly string[] | undefined {
    const lines = this.#readChunk();
    if (lines !== undefined) return lines;
    const next = this.#nextFile();
    if (next === undefined) return undefined;
    // A line may have been written between the last read and the rotation.
    const last = this.#readChunk();
    if (last !== undefined) return last;
    closeSync(this.#file);
    this.#file = openSync(next, "r");
    this.#position = 0;
    return this.#readChunk();
  }

  close(): void {
    closeSync(this.#file);
  }

  /** `undefined`: nothing more is written in this file. */
  #readChunk(): readonly string[] | undefined {
    const length = readSync(this.#file, this.#chunk, 0, chunkBytes, this.#position);
    if (length === 0) return undefined;
    this.#position += length;
    const read = this.#chunk.subarray(0, length);
    const end = read.lastIndexOf(newline);
    if (end < 0) {
      this.#rest = Buffer.concat([this.#rest, read]);
      return [];
    }
    const text = this.#rest.toString("latin1") + read.toString("latin1", 0, end);
    this.#rest = Buffer.from(read.subarray(end + 1));
    return text.split("\n");
  }

  /** The file that was begun after this one; `undefined`: this one is still written. Rotation counts suffixes up. */
  #nextFile(): string | undefined {
    const current = fstatSync(this.#file).ino;
    if (statSync(this.#path, { throwIfNoEntry: false })?.ino === current) return undefined;
    const name = basename(this.#path);
    const rotated = readdirSync(dirname(this.#path))
      .filter((file) => file.startsWith(`${name}.`) && /^\d+$/u.test(file.slice(name.length + 1)))
      .sort((a, b) => Number(a.slice(name.length + 1)) - Number(b.slice(name.length + 1)))
      .map((file) => join(dirname(this.#path), file));
    const place = rotated.findIndex((file) => statSync(file, { throwIfNoEntry: false })?.ino === current);
    if (place < 0) {
      throw new Error(
        "the audit log was rotated away before it was read, so changes are lost: raise server-audit-file-rotations or -rotate-size",
      );
    }
    return place === 0 ? this.#path : rotated[place - 1];
  }
}
