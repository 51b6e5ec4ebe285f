import { expect } from "chai";
import { texts } from "../databasePair";
import { Laboratory } from "./laboratory";

describe("dead letters", function () {
  this.timeout(60_000);
  let laboratory: Laboratory;

  before(async () => {
    laboratory = await Laboratory.open({
      schema: ["CREATE DATABASE shop", "CREATE TABLE shop.users (id INT PRIMARY KEY, email VARCHAR(50))"],
      route: "shop.*",
    });
    await laboratory.tick();
    await laboratory.atTarget("ALTER TABLE shop.users ADD CONSTRAINT polite CHECK (email <> 'rude')");
  });
  after(async () => {
    await laboratory.close();
  });

  it("hold a row that the target's constraint refuses, until it is mended and redriven", async () => {
    await laboratory.atSource("INSERT INTO shop.users VALUES (1, 'fine'), (2, 'rude')");
    await laboratory.deliver();
    const listed = await laboratory.ask({ action: "dead" });
    const refused = await laboratory.ask({ action: "redrive", ids: "all" });
    await laboratory.atTarget("ALTER TABLE shop.users DROP CONSTRAINT polite");

    const redriven = await laboratory.ask({ action: "redrive", ids: [listed.entries[0]?.id ?? ""] });

    expect(listed.entries).to.have.length(1);
    expect(listed.entries[0]).to.include({
      kind: "row",
      table: "shop.users",
      key: "2",
      code: "ROW_REFUSED",
      attempts: 1,
    });
    expect(listed.entries[0]?.reason).to.match(/\(4025\)$/u);
    expect(refused).to.include({ applied: 0, refused: 1, left: 0 });
    expect(redriven).to.include({ applied: 1, refused: 0, left: 0 });
    expect(await laboratory.ask({ action: "dead" })).to.deep.equal({ entries: [], more: 0 });
    expect(await laboratory.tick()).to.include({ Dead: 0 });
    expect(await texts(laboratory.target, "SELECT id, email FROM shop.users ORDER BY id")).to.deep.equal([
      ["1", "fine"],
      ["2", "rude"],
    ]);
  });

  it("hold what cannot be read with its bytes; a redrive reads it again and a drop forgets it", async () => {
    await laboratory.invoke(laboratory.record(Buffer.from("no envelope")));
    await laboratory.invoke(laboratory.event(["no audit line"]));

    const redriven = await laboratory.ask({ action: "redrive", ids: "all" });
    const listed = await laboratory.ask({ action: "dead" });

    expect(redriven).to.include({ applied: 0, refused: 2 });
    expect(listed.entries.map(({ kind, attempts }) => [kind, attempts])).to.deep.equal([
      ["record", 2],
      ["line", 2],
    ]);
    const [first, second] = listed.entries;
    expect(await laboratory.ask({ action: "drop", ids: [first?.id ?? ""] })).to.deep.equal({ dropped: 1 });
    expect((await laboratory.ask({ action: "dead" })).entries.map(({ id }) => id)).to.deep.equal([second?.id]);
    expect(await laboratory.ask({ action: "drop", ids: "all" })).to.deep.equal({ dropped: 1 });
  });

  it("are applied by a redrive once the version that runs can read them", async () => {
    await laboratory.atSource("INSERT INTO shop.users VALUES (3, 'late')");
    const bytes = Buffer.from(laboratory.event(await laboratory.written()).Records[0]?.kinesis["data"] ?? "", "base64");
    await laboratory.invoke(laboratory.record(Buffer.from("no envelope")));
    // As if an older version had not understood these bytes.
    await laboratory.atTarget(`UPDATE audit_sync.dead SET payload = X'${bytes.toString("hex")}'`);

    const redriven = await laboratory.ask({ action: "redrive", ids: "all" });

    expect(redriven).to.include({ applied: 1, refused: 0 });
    expect(await texts(laboratory.target, "SELECT email FROM shop.users WHERE id = 3")).to.deep.equal([["late"]]);
  });
});
