/** The Lambda entry: reads its configuration once and keeps one handler for as long as the instance lives. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { configFileName } from "./contract/environment";
import { SyncHandler, type LambdaContext } from "./handle";
import { readConfiguration } from "./sync/configuration";

let instance: SyncHandler | undefined;

/** See {@link SyncHandler.handle}. */
export async function handler(event: unknown, context: LambdaContext): Promise<unknown> {
  instance ??= open();
  return await instance.handle(event, context);
}

function open(): SyncHandler {
  const configuration = readConfiguration(readFileSync(join(__dirname, configFileName), "utf8"), process.env);
  // Lambda's console would put a time and a level before each line, which then was JSON no more.
  return new SyncHandler(configuration, (line) => process.stdout.write(`${line}\n`));
}
