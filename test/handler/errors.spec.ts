import { expect } from "chai";
import { databaseError } from "../../handler/errors";

function serverError(errno: number, code: string, fatal = false): Error {
  return Object.assign(new Error("Duplicate entry 'alice@example.com' for key 'email'"), { errno, code, fatal });
}

describe("database errors", () => {
  it("are classified by the server's number", () => {
    expect(databaseError(serverError(1213, "ER_LOCK_DEADLOCK"), "writing")).to.include({
      code: "LOCK_CONFLICT",
      kind: "transient",
    });
    expect(databaseError(serverError(1062, "ER_DUP_ENTRY"), "writing")).to.include({
      code: "ROW_REFUSED",
      kind: "poison",
    });
    expect(databaseError(serverError(1146, "ER_NO_SUCH_TABLE"), "writing")).to.include({
      code: "SCHEMA_MISMATCH",
      kind: "misconfiguration",
    });
  });

  it("never repeat the server's message, which can quote a row", () => {
    const { message, stack } = databaseError(serverError(1062, "ER_DUP_ENTRY"), "writing shop.users");

    expect(message).to.equal("writing shop.users: ER_DUP_ENTRY (1062)");
    expect(stack).not.to.include("alice");
  });

  it("are transient when the connection is gone", () => {
    const lost = Object.assign(new Error("lost"), { code: "PROTOCOL_CONNECTION_LOST", fatal: true });

    expect(databaseError(lost, "reading")).to.include({ code: "DATABASE_UNAVAILABLE", kind: "transient" });
  });

  it("are retried when no table lists them", () => {
    expect(databaseError(serverError(9999, "ER_NEW"), "reading")).to.include({ code: "UNEXPECTED", kind: "transient" });
  });
});
