import { expect } from "chai";
import { bar, createScreen, duration, table } from "../../commands/screen";

function screenOn(isTTY: boolean, json = false): { screen: ReturnType<typeof createScreen>; out: string[] } {
  const out: string[] = [];
  const write = (text: string): void => {
    out.push(text);
  };
  return { screen: createScreen({ json, out: { write, isTTY }, err: { write } }), out };
}

describe("the screen of a command", () => {
  it("draws progress on a terminal and takes it back before anything else is said", () => {
    const { screen, out } = screenOn(true);

    screen.progress(["half"]);
    screen.say("done");

    expect(out).to.deep.equal(["half\n", "\u001b[1A\r\u001b[0J", "done\n"]);
  });

  it("draws no progress and no colours into a file", () => {
    const { screen, out } = screenOn(false);

    screen.progress(["half"]);
    screen.say(screen.bad("done"));

    expect(out).to.deep.equal(["done\n"]);
  });

  it("leaves standard output to the JSON object", () => {
    const { screen, out } = screenOn(true, true);

    screen.progress(["half"]);
    screen.say("done");

    expect(out).to.deep.equal([]);
  });

  it("aligns the columns of a table, numbers to the right", () => {
    expect(
      table(
        ["id", "name"],
        [
          ["7", "Ann"],
          ["1000", "Bob"],
        ],
        [0],
      ),
    ).to.deep.equal(["  id  name", "   7  Ann", "1000  Bob"]);
  });

  it("fills a bar by the share that is done and never beyond", () => {
    expect([bar(0.5), bar(1.7)]).to.deep.equal([`${"█".repeat(12)}${"░".repeat(12)}  50 %`, `${"█".repeat(24)} 100 %`]);
  });

  it("tells durations in the unit that people would use", () => {
    expect([5, 300, 10_000, 400_000].map(duration)).to.deep.equal(["5 s", "5 min", "3 h", "5 days"]);
  });
});
