import { type WriteStream } from "node:tty";
import { colours, describeSnapshot, drawFrame, type Palette } from "./drawing";
import { type Snapshot } from "./snapshot";

/** Shows a run while it goes on. */
export interface View {
  /** A line of its own, above whatever is redrawn. */
  say(line: string): void;
  update(snapshot: Snapshot): void;
  /** Leaves the last picture as it is. */
  close(): void;
  readonly palette: Palette;
}

const hideCursor = "\u001b[?25l";
const showCursor = "\u001b[?25h";
const clearBelow = "\u001b[0J";
const keptRates = 20;
const secondsBetweenLines = 3;

/** Redraws the same lines of a terminal. */
export function terminalView(terminal: WriteStream): View {
  let drawn = 0;
  let frames = 0;
  let last = { seconds: 0, statements: 0 };
  const rates: number[] = [];
  const back = (): string => (drawn === 0 ? "" : `\u001b[${drawn}A\r${clearBelow}`);
  const restoreCursor = (): void => {
    terminal.write(showCursor);
  };
  process.once("exit", restoreCursor);
  return {
    palette: colours,
    say: (line) => {
      terminal.write(`${back()}${line}\n`);
      drawn = 0;
    },
    update: (snapshot) => {
      if (snapshot.seconds - last.seconds >= 1 || snapshot.seconds < last.seconds) {
        rates.push((snapshot.statements - last.statements) / Math.max(1, snapshot.seconds - last.seconds));
        rates.splice(0, rates.length - keptRates);
        last = snapshot;
      }
      frames += 1;
      const lines = drawFrame(snapshot, rates, frames, colours).map((line) => cut(line, terminal.columns));
      terminal.write(`${hideCursor}${back()}${lines.join("\n")}\n`);
      drawn = lines.length;
    },
    close: () => {
      restoreCursor();
      process.off("exit", restoreCursor);
      drawn = 0;
    },
  };
}

/** A line that wraps would be more lines than are taken back. Colours take no room. */
function cut(line: string, columns: number): string {
  let room = columns - 1;
  // eslint-disable-next-line no-control-regex -- the escape character is what this is about
  return line.replace(/(\u001b\[\d+m)|(.)/gu, (_, colour: string | undefined, character: string | undefined) => {
    if (colour !== undefined) return colour;
    room -= 1;
    return room < 0 ? "" : (character ?? "");
  });
}

/** One line now and then, for logs and pipes. */
export function lineView(write: (line: string) => void, palette: Palette): View {
  let next = 0;
  let last: Snapshot | undefined;
  return {
    palette,
    say: write,
    update: (snapshot) => {
      const sameState =
        last !== undefined && describeSnapshot({ ...snapshot, seconds: last.seconds }) === describeSnapshot(last);
      if (last?.phase === snapshot.phase && (snapshot.seconds < next || sameState)) return;
      last = snapshot;
      next = snapshot.seconds + secondsBetweenLines;
      write(describeSnapshot(snapshot));
    },
    close: () => undefined,
  };
}
