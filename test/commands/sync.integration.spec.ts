import { expect } from "chai";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCommand } from "../../commands/run";
import { keepFailure } from "../../local/function/failures";
import { startControl, type Control } from "../../local/control";
import { texts } from "../handler/databasePair";
import { Laboratory } from "../handler/operate/laboratory";
import { startFakeAws, type FakeAws } from "./fakeAws";

interface Said {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

describe("npm run sync", function () {
  this.timeout(120_000);
  let laboratory: Laboratory;
  let aws: FakeAws;
  let control: Control;
  let folder: string;
  let failures: string;
  let turn: Promise<unknown> = Promise.resolve();
  const environment = { ...process.env };

  before(async () => {
    laboratory = await Laboratory.open({
      schema: ["CREATE DATABASE shop", "CREATE TABLE shop.orders (id INT PRIMARY KEY, status VARCHAR(20))"],
      route: "shop.*",
    });
    await laboratory.atSource("INSERT INTO shop.orders VALUES (1, 'new'), (2, 'paid')");
    await laboratory.deliver();
    const invoke = (payload: unknown): Promise<unknown> => alone(() => laboratory.invoke(payload));
    aws = await startFakeAws(new Map([["crm-function-1a2b", invoke]]), ["crm-failures-3c4d"]);
    folder = mkdtempSync(join(tmpdir(), "sync-test-"));
    failures = join(folder, "failures");
    control = await startControl(folder, [{ name: "crm", function: { invoke }, failures }]);
    const outputs = {
      functions: { crm: "crm-function-1a2b" },
      failureBuckets: { crm: "crm-failures-3c4d" },
      alarmTopic: "arn:aws:sns:eu-central-1:123456789012:alarms",
    };
    installPulumi(
      `if [ "$5" = dev ]; then echo '${JSON.stringify(outputs)}'; elif [ "$5" = empty ]; then echo '{}'; else echo "error: no stack named '$5' found" >&2; exit 255; fi`,
    );
    Object.assign(process.env, {
      AWS_ENDPOINT_URL: aws.url,
      AWS_ACCESS_KEY_ID: "key",
      AWS_SECRET_ACCESS_KEY: "secret",
    });
  });
  after(async () => {
    process.env = environment;
    control.close();
    await aws.close();
    await laboratory.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A `pulumi` on the path; `$5` is the stack. */
  function installPulumi(script: string): void {
    const binaries = join(folder, "bin");
    mkdirSync(binaries);
    writeFileSync(join(binaries, "pulumi"), `#!/bin/sh\n${script}\n`);
    chmodSync(join(binaries, "pulumi"), 0o755);
    process.env["PATH"] = `${binaries}:${process.env["PATH"] ?? ""}`;
  }

  /** One invocation at a time, as one instance of a function has. */
  async function alone<T>(work: () => Promise<T>): Promise<T> {
    const mine = turn.then(work);
    turn = mine.catch(() => undefined);
    return await mine;
  }

  /** Runs a command while the schedule ticks and the records flow. */
  async function sync(...args: readonly string[]): Promise<Said> {
    let out = "";
    let err = "";
    const over = new AbortController();
    const command = runCommand(args, {
      out: { write: (text) => (out += text) },
      err: { write: (text) => (err += text) },
    }).finally(() => {
      over.abort();
    });
    while (!over.signal.aborted) {
      await alone(() => laboratory.tick());
      await alone(() => laboratory.deliver());
    }
    return { status: await command, out, err };
  }

  it("shows how the targets of a stack stand", async () => {
    const { status, out } = await sync("status", "--stack", "dev");

    expect(status).to.equal(0);
    expect(out).to.match(/^target \(test\): heartbeat \d+ s ago, nothing pending, 0 dead, 0 rows differ\n/u);
    expect(out).to.match(/^ {2}shop\.orders +shop\.orders +following +never$/mu);
  });

  it("verifies, reports by key range with exit status 1, repairs, and is fine", async () => {
    await laboratory.atTarget("UPDATE shop.orders SET status = 'forged' WHERE id = 2");

    const verified = await sync("verify", "--stack", "dev");
    const repaired = await sync("repair", "--stack", "dev", "--table", "shop.orders");

    expect(verified.status).to.equal(1);
    expect(verified.out).to.equal(
      [
        "crm: shop.orders → shop.orders: 1 rows differ",
        "  keys          missing  extra  different  for example",
        "  start .. end        0      0          1  2",
        "",
      ].join("\n"),
    );
    expect(repaired).to.deep.equal({ status: 0, out: "crm: shop.orders → shop.orders: equal\n", err: "" });
    expect(await texts(laboratory.target, "SELECT status FROM shop.orders WHERE id = 2")).to.deep.equal([["paid"]]);
  });

  it("prints one JSON object for scripts", async () => {
    const place = ["--function", "crm-function-1a2b", "--target", "crm", "--region", "eu-central-1"];

    const { status, out } = await sync("backfill", ...place, "--json");

    expect(status).to.equal(0);
    expect(JSON.parse(out)).to.deep.equal({ fine: true, targets: { crm: { requested: ["shop.orders"] } } });
  });

  it("lists dead letters, redrives and drops them", async () => {
    await laboratory.atTarget("ALTER TABLE shop.orders ADD CONSTRAINT polite CHECK (status <> 'rude')");
    await laboratory.atSource("INSERT INTO shop.orders VALUES (3, 'rude'), (4, 'rude')");
    await laboratory.deliver();

    const listed = await sync("dead", "--stack", "dev");
    const refused = await sync("redrive", "--stack", "dev");
    const [, id = ""] = /^ +(\d+) {2}row /mu.exec(listed.out) ?? [];
    const dropped = await sync("dead", "drop", id, "--stack", "dev");
    await laboratory.atTarget("ALTER TABLE shop.orders DROP CONSTRAINT polite");
    const redriven = await sync("redrive", "--stack", "dev");
    const empty = await sync("dead", "--stack", "dev");

    expect([listed.status, refused.status, dropped.status, redriven.status, empty.status]).to.deep.equal([
      1, 1, 0, 0, 0,
    ]);
    expect(refused.out).to.equal("crm: 0 applied and gone, 2 refused again\n");
    expect(dropped.out).to.equal("crm: forgot 1 entries\n");
    expect(redriven.out).to.equal("crm: 1 applied and gone, 0 refused again\n");
    expect(empty.out).to.equal("crm: nothing is set aside\n");
    await sync("backfill", "--stack", "dev");
  });

  it("names the connection that changes wait for", async () => {
    await laboratory.atSource("START TRANSACTION", "INSERT INTO shop.orders VALUES (5, 'open')");
    await laboratory.deliver();
    const [[connection] = []] = await texts(laboratory.source, "SELECT CONNECTION_ID()");

    const { status, out } = await sync("pending", "--stack", "dev");
    await laboratory.atSource("COMMIT");

    expect(status).to.equal(0);
    expect(out).to.match(new RegExp(`^ +${connection ?? ""} +\\d+ +\\d+ s +1 {2}shop.orders$`, "mu"));
  });

  it("replays what is in the failure bucket, and removes only what was applied", async () => {
    await laboratory.atSource("INSERT INTO shop.orders VALUES (6, 'given up')");
    const event = laboratory.event(await laboratory.written());
    const bucket = aws.buckets.get("crm-failures-3c4d");
    bucket?.set("aws/lambda/mapping/shard/2026/01/01/failure", JSON.stringify({ payload: JSON.stringify(event) }));
    bucket?.set("aws/lambda/mapping/shard/2026/01/01/other", "no failure");

    const { status, out } = await sync("replay", "--stack", "dev");

    expect(status).to.equal(1);
    expect(out).to.contain("crm: 1 batches applied and gone, 1 left\n");
    expect([...(bucket?.keys() ?? [])]).to.deep.equal(["aws/lambda/mapping/shard/2026/01/01/other"]);
    expect(await texts(laboratory.target, "SELECT id FROM shop.orders WHERE id = 6")).to.deep.equal([["6"]]);
    bucket?.clear();
  });

  it("does the same in a pipeline on this machine", async () => {
    await laboratory.atSource("INSERT INTO shop.orders VALUES (7, 'given up')");
    const event = laboratory.event(await laboratory.written());
    keepFailure(failures, event as unknown as Parameters<typeof keepFailure>[1]);
    const local = ["--local", "--workspace", folder];

    const status = await sync("status", ...local);
    const replayed = await sync("replay", ...local);
    const unknown = await sync("verify", ...local, "--table", "shop.nowhere");

    expect(status.out).to.match(/^target \(test\): heartbeat/u);
    expect(replayed).to.deep.equal({ status: 0, out: "crm: 1 batches applied and gone, 0 left\n", err: "" });
    expect(await texts(laboratory.target, "SELECT id FROM shop.orders WHERE id = 7")).to.deep.equal([["7"]]);
    expect(unknown).to.deep.equal({
      status: 2,
      out: "",
      err: "no route reads or writes shop.nowhere; name a table as database.table, one of shop.orders\n",
    });
  });

  const unusable: readonly (readonly [args: string, message: RegExp])[] = [
    [
      "status --stack nowhere",
      /^pulumi does not give the outputs of stack nowhere: error: no stack named 'nowhere' found$/u,
    ],
    [
      "status --stack empty",
      /^stack empty has no outputs functions and failureBuckets; deploy it with pulumi up first$/u,
    ],
    ["status --stack dev --target erp", /^there is no target erp; use one of crm$/u],
    ["status --function nobody --region eu-central-1", /^there is no function nobody in this account and region/u],
    ["status --local --workspace /nowhere", /^the pipeline in \/nowhere cannot be reached: /u],
    ["status", /^say where: one of --stack S, --function NAME and --local$/u],
    ["frobnicate --local", /^frobnicate is not a verb; use one of status, backfill/u],
    ["dead drop --local", /^dead drop needs the numbers of entries, or --all to forget every one$/u],
    ["dead drop x --local", /^x is not the number of an entry/u],
    ["replay --function crm", /^replay with --function needs --failure-bucket NAME$/u],
    ["verify --local --timeout soon", /^--timeout soon is not a positive number of seconds$/u],
    ["status --local --colour", /^Unknown option '--colour'.*; --help lists the options$/su],
  ];
  for (const [args, message] of unusable) {
    it(`ends with 2 and says why: ${args}`, async () => {
      const { status, out, err } = await sync(...args.split(" "));

      expect([status, out]).to.deep.equal([2, ""]);
      expect(err.trimEnd()).to.match(message);
    });
  }
});
