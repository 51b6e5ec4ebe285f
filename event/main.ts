/** `npm run event`: makes and reads the events of this path. See help.ts. */
import { type EventCommand, parseArguments } from "./arguments";
import { decodeInput } from "./decode/decodeInput";
import { type DescribeTouches } from "./decode/describeRecord";
import { openSchema } from "./decode/schemaTouches";
import { textTouches } from "./decode/textTouches";
import { encodeEvent } from "./encode/encodeEvent";
import { helpText } from "./help";
import { readInput } from "./input";
import { endWithReader, writeLines } from "./output";
import { Unusable } from "./unusable";

const unusable = 2;

endWithReader();
void main().then((status) => {
  process.exitCode = status;
});

async function main(): Promise<number> {
  try {
    const command = parseArguments(process.argv.slice(2));
    if (command === "help") process.stdout.write(helpText);
    else await run(command);
    return 0;
  } catch (error) {
    // A defect shows its stack; what the user can mend does not.
    if (!(error instanceof Unusable)) throw error;
    process.stderr.write(`${error.message}\n`);
    return unusable;
  }
}

async function run(command: EventCommand): Promise<void> {
  const input = await readInput(command.file);
  if (command.name === "encode") {
    await writeLines([JSON.stringify(encodeEvent(input, { direct: command.direct, nowMs: Date.now() }), undefined, 2)]);
    return;
  }
  const { schemaFiles, lines } = command;
  const touches: DescribeTouches = lines || schemaFiles.length === 0 ? textTouches : await openSchema(schemaFiles);
  await writeLines(decodeInput(input, lines ? "lines" : touches));
}
