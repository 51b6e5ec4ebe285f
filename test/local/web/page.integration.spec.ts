import { expect } from "chai";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type Browser, type Locator, type Page } from "playwright-core";
import { startBrowser } from "./browser";

const project = join(__dirname, "../../..");
const schemaFile = join(tmpdir(), `audit-sync-page-${process.pid}.sql`);
const schema = `CREATE DATABASE shop; USE shop;
CREATE TABLE orders (id INT AUTO_INCREMENT PRIMARY KEY, status VARCHAR(20), note VARCHAR(50));
INSERT INTO orders (status, note) VALUES ('new', 'first'), ('new', 'second'), ('new', 'third');`;

/** The whole run, and a browser that looks at its page. */
describe("the page of npm run local -- --watch --web", function () {
  this.timeout(300_000);
  let browser: Browser | undefined;
  let page: Page;
  let run: ChildProcess;
  const said: string[] = [];
  const complaints: string[] = [];

  before(async function () {
    const started = await startBrowser();
    if (typeof started === "string") {
      if (process.env["CI"] !== undefined) throw new Error(started);
      console.error(started);
      this.skip();
    }
    browser = started;
    writeFileSync(schemaFile, schema);
    run = spawn(
      process.execPath,
      ["--import", "tsx", "local/main.ts", "--watch", "--web", "--schema", schemaFile, "--json"],
      { cwd: project, stdio: ["ignore", "pipe", "pipe"] },
    );
    page = await browser.newPage();
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    await page.goto(await address(run));
    await page.locator("#phase.ready").waitFor({ timeout: 120_000 });
  });
  after(async () => {
    if (browser === undefined) return;
    run.kill("SIGKILL");
    await browser.close();
    rmSync(schemaFile, { force: true });
  });

  async function address({ stderr }: ChildProcess): Promise<string> {
    if (stderr === null) throw new Error("the run's standard error is not a pipe");
    const lines = createInterface({ input: stderr });
    return await new Promise((resolve, reject) => {
      lines.on("line", (line) => {
        said.push(line);
        const url = /^page: +(\S+)$/u.exec(line)?.[1];
        if (url !== undefined) resolve(url);
      });
      lines.on("close", () => {
        reject(new Error(said.join("\n")));
      });
    });
  }

  /** Types and runs SQL; gives back its card, which is the first one. */
  async function type(sql: string): Promise<Locator> {
    const cards = page.locator("#journeys > li");
    const before = await cards.count();
    await page.locator("#sql").fill(sql);
    await page.locator("#sql").press("Control+Enter");
    await cards.nth(before).waitFor();
    return cards.first();
  }

  async function done(card: Locator): Promise<void> {
    await card.locator(".total.done").waitFor({ timeout: 60_000 });
  }

  it("shows the audit line, the envelope, the touch and the row that changed", async () => {
    const card = await type("UPDATE orders SET status = 'paid' WHERE id = 2");
    await done(card);

    expect(await card.locator(".steps > li.reached").count()).to.equal(5);
    expect(await card.locator("pre .line:not(.faint)").innerText()).to.match(
      /^\d{8} [\d:]{8},.*,QUERY,shop,'UPDATE orders SET status = \\'paid\\' WHERE id = 2',0$/u,
    );
    // What the statement led to may come in envelopes of its own.
    const envelope = card.locator("details.inner").first();
    await envelope.locator("summary").click();
    expect(JSON.parse(await envelope.locator("pre").innerText())).to.deep.include({
      messageType: "DATA_MESSAGE",
      logGroup: "/aws/rds/instance/local-source/audit",
    });
    expect(await card.locator(".touch").allInnerTexts()).to.deep.equal(["by key shop.orders 2"]);
    expect(await card.locator(".target h5").innerText()).to.equal("shop.orders");
    expect(await card.locator("tr.updated").innerText()).to.match(/^~\s+2\s+new paid$/u);
  });

  it("shows rows that come and go", async () => {
    const inserted = await type(
      "INSERT INTO orders (status, note) VALUES ('new', '京都 🎉'); DELETE FROM orders WHERE id = 1",
    );
    await done(inserted);

    expect(await inserted.locator("tr.inserted").innerText()).to.match(/^\+\s+4\s+new\s+京都 🎉$/u);
    expect(await inserted.locator("tr.deleted").innerText()).to.match(/^−\s+1\s+new\s+first$/u);
    expect(await inserted.locator(".touch").allInnerTexts()).to.deep.equal([
      "new rows shop.orders above the highest key that was copied",
      "by key shop.orders 1",
    ]);
  });

  it("keeps a touch until its transaction is over", async () => {
    const open = await type("START TRANSACTION; UPDATE orders SET note = 'not yet' WHERE id = 3");
    await open.locator(".target.kept").waitFor({ timeout: 60_000 });
    expect(await open.locator("tr.updated").count()).to.equal(0);

    await done(await type("COMMIT"));

    const updated = page.locator("#journeys > li").nth(1);
    await done(updated);
    expect(await updated.locator("tr.updated").textContent()).to.contain("not yet");
  });

  it("shows no different row for what was rolled back", async () => {
    const card = await type("START TRANSACTION; UPDATE orders SET note = 'never'; ROLLBACK");
    await done(card);

    expect(await card.locator(".target .note").innerText()).to.equal("no row is different");
  });

  it("shows what the source says about a statement that it refuses", async () => {
    const card = await type("UPDATE orders SET nothing = 1");
    await card.locator(".error").waitFor();

    expect(await card.locator(".error").innerText()).to.contain("Unknown column 'nothing'");
  });

  it("follows the statements of other clients", async () => {
    const cards = page.locator("#journeys > li");
    const before = await cards.count();
    const [client = ""] = (await page.locator("#clients").innerText()).split("\n");
    const [command = "", ...args] = client.split(" ");
    const { status } = spawnSync(command, [...args, "shop", "-e", "UPDATE orders SET note = 'elsewhere' WHERE id = 4"]);
    expect(status).to.equal(0);

    await cards.nth(before).waitFor();
    const card = cards.filter({ hasText: "elsewhere" }).first();
    await done(card);
    expect(await card.locator(".note").first().innerText()).to.match(/^sent by root@localhost, connection \d+$/u);
  });

  it("draws the lag of every target and says how far each is", async () => {
    await page.locator("#chart path.series-0").waitFor({ state: "attached" });

    expect(await page.locator("#chart circle.series-0").count()).to.be.greaterThan(0);
    expect(await page.locator("#targets .tile h3").allInnerTexts()).to.deep.equal(["target"]);
    expect(await page.locator("#targets .tile li").allInnerTexts()).to.deep.equal(["shop.* → shop.*"]);
  });

  it("shows everything again after it was loaded again", async () => {
    const before = await page.locator("#journeys > li").count();
    await page.reload();
    await page.locator("#phase.ready").waitFor();

    expect(await page.locator("#journeys > li").count()).to.equal(before);
  });

  it("has nothing to complain about in the browser, and leaves equal databases behind", async () => {
    expect(complaints).to.deep.equal([]);
    const output: Buffer[] = [];
    run.stdout?.on("data", (chunk: Buffer) => output.push(chunk));
    run.kill("SIGINT");
    const [status] = (await once(run, "close")) as [number];

    expect(status, said.join("\n")).to.equal(0);
    expect(JSON.parse(Buffer.concat(output).toString("utf8"))).to.deep.include({ inSync: true, dead: 0 });
  });
});
