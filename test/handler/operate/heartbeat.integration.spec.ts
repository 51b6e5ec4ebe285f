import { expect } from "chai";
import { Laboratory } from "./laboratory";

describe("the heartbeat", function () {
  this.timeout(60_000);
  let laboratory: Laboratory;

  before(async () => {
    laboratory = await Laboratory.open({
      schema: ["CREATE DATABASE shop", "CREATE TABLE shop.users (id INT PRIMARY KEY)"],
      route: "shop.*",
      pendingWarningSeconds: 1,
    });
  });
  after(async () => {
    await laboratory.close();
  });

  function ageSeconds(): number {
    return laboratory.lastMetrics["HeartbeatAgeSeconds"] as number;
  }

  /** Ticks and delivers until the age is at least so; mocha's timeout ends it when it never is. */
  async function ageReaches(seconds: number): Promise<void> {
    do {
      await laboratory.tick();
      await laboratory.deliver();
    } while (ageSeconds() < seconds);
  }

  async function lastBeatMs(): Promise<number> {
    const { heartbeatAgeSeconds } = await laboratory.ask({ action: "status" });
    return Date.now() - (heartbeatAgeSeconds ?? 0) * 1_000;
  }

  it("comes back through the audit log and says how fresh the target is", async () => {
    await laboratory.tick();
    const sentAfterMs = Date.now() - 1_000;
    await laboratory.tick();

    await laboratory.deliver();

    expect(await lastBeatMs()).to.be.at.least(sentAfterMs - 1_000);
  });

  it("grows old when audit logging is switched off, and is young again afterwards", async () => {
    await laboratory.atSource("SET GLOBAL server_audit_logging = OFF");
    await ageReaches(3);
    await laboratory.atSource("SET GLOBAL server_audit_logging = ON");
    const old = ageSeconds();

    await laboratory.tick();
    await laboratory.deliver();

    expect(ageSeconds()).to.be.below(old);
  });

  it("grows old when nothing is delivered, from the first tick of a new target on", async () => {
    await laboratory.atTarget("DELETE FROM audit_sync.settings WHERE name LIKE 'heartbeat%'");

    await laboratory.tick();
    const fresh = ageSeconds();
    while (ageSeconds() < 2) await laboratory.tick();

    expect(fresh).to.equal(0);
  });

  it("leaves the alarm's other cause to pending: an old transaction is named with its connection", async () => {
    const [[connection] = []] = await laboratory.source.rows("SELECT CONNECTION_ID()", "test");
    await laboratory.atSource("START TRANSACTION", "INSERT INTO shop.users VALUES (1)");
    await laboratory.deliver();
    while (laboratory.logged("TRANSACTION_OPEN").length === 0) await laboratory.tick();
    const pending = await laboratory.ask({ action: "pending" });
    await laboratory.atSource("COMMIT");

    expect(laboratory.logged("TRANSACTION_OPEN")[0]).to.include({
      connectionId: connection?.toString(),
      level: "warn",
    });
    expect(laboratory.lastMetrics).to.include({ pendingConnectionId: connection?.toString(), Pending: 1 });
    expect(pending.transactions).to.have.length(1);
    expect(pending.transactions[0]).to.deep.include({ connectionId: connection?.toString(), tables: ["shop.users"] });
    expect(await laboratory.tick()).to.include({ Pending: 0, PendingAgeSeconds: 0 });
  });
});
