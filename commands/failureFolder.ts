import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { FailureStore } from "./failures";

/** A folder with the same objects: the failure destination of the pipeline on one machine. */
export function failureFolder(path: string): FailureStore {
  return {
    list: async () => {
      try {
        return (await readdir(path)).sort();
      } catch (error) {
        // It is made with the first failure.
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
        throw error;
      }
    },
    read: (name) => readFile(join(path, name), "utf8"),
    remove: (name) => rm(join(path, name)),
  };
}
