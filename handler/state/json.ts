import { SyncError } from "../errors";
import type { Value } from "../sql/text";

/** Reads JSON that this project wrote into a state table. */
export function parseState(bytes: Value | undefined, what: string): unknown {
  if (bytes === null || bytes === undefined) throw new SyncError("UNEXPECTED", `${what} is empty`);
  try {
    return JSON.parse(bytes.toString("utf8")) as unknown;
  } catch {
    throw new SyncError("UNEXPECTED", `${what} is not JSON; it was changed by something else than the sync`);
  }
}

export function integer(bytes: Value | undefined): number {
  return Number(bytes?.toString("latin1") ?? "0");
}

export function string(bytes: Value | undefined): string {
  return bytes?.toString("utf8") ?? "";
}
