/** `npm run sync`: see help.ts. */
import { runCommand } from "./run";

void runCommand(process.argv.slice(2), { out: process.stdout, err: process.stderr }).then((status) => {
  process.exitCode = status;
});
