import { expect } from "chai";
import { spawnSync } from "node:child_process";
import { join } from "node:path";

const project = join(__dirname, "../..");
const command = `"${process.execPath}" --import tsx event/main.ts`;

/** Runs a line of shell in the project; `event` stands for the command. */
function run(line: string, input = ""): { stdout: string; stderr: string; status: number | null } {
  const shell = `event() { ${command} "$@"; }; ${line}`;
  return spawnSync("bash", ["-c", shell], { cwd: project, input, encoding: "utf8" });
}

const line = "20230501 10:02:19,h,app,10.1.2.3,8,77,QUERY,shop,'DELETE FROM orders WHERE note=\\'é\\'',0\n";

describe("npm run event", function () {
  this.timeout(120_000);

  it("gives the lines back that it encoded", () => {
    expect(run("event encode - | event decode --lines", line)).to.deep.include({ stdout: line, stderr: "", status: 0 });
  });

  it("ends quietly when its reader has seen enough", () => {
    const { stdout, stderr } = run("event decode | head -n 1; exit ${PIPESTATUS[0]}", line.repeat(20_000));

    expect(stdout.split("\n")).to.have.length(2);
    expect(stderr).to.equal("");
  });

  it("prints nothing on standard output and exits with 2 when the input cannot be used", () => {
    expect(run("event decode", '{"a":1}')).to.deep.include({ stdout: "", status: 2 });
    expect(run("event decode /nowhere/lines.txt")).to.deep.include({
      stdout: "",
      stderr: "/nowhere/lines.txt cannot be read (ENOENT); name a file, or - for standard input\n",
      status: 2,
    });
  });
});
