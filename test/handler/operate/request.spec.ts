import { expect } from "chai";
import { readRequest, RequestError } from "../../../handler/operate/request";

function refusal(event: unknown): string {
  try {
    readRequest(event);
  } catch (error) {
    if (error instanceof RequestError) return error.message;
    throw error;
  }
  throw new Error("the request was not refused");
}

describe("a request to the function", () => {
  it("is what the schedules send", () => {
    expect(readRequest({ action: "tick" })).to.deep.equal({ action: "tick" });
    expect(readRequest({ action: "verify" })).to.deep.equal({ action: "verify" });
  });

  it("has its limits filled in", () => {
    expect(readRequest({ action: "dead" })).to.deep.equal({ action: "dead", limit: 100 });
  });

  it("is no request when it carries records", () => {
    expect(readRequest({ Records: [] })).to.equal(undefined);
    expect(readRequest({ awslogs: { data: "" } })).to.equal(undefined);
  });

  const refused: readonly (readonly [event: unknown, message: string])[] = [
    [
      { action: "explode" },
      "action is one of tick, status, backfill, verify, repair, drift, pending, dead, redrive and drop",
    ],
    [{ action: "status", tables: "a.b" }, "tables is not a part of this action"],
    [{ action: "status", table: 5 }, "table is not string"],
    [{ action: "drop" }, "ids is missing"],
    [{ action: "drop", ids: ["x"] }, "ids.0 is a number from the list of dead entries, as text"],
    [{ action: "dead", limit: 0 }, "limit is not >=1"],
  ];
  for (const [event, message] of refused) {
    it(`is refused with the part that is wrong: ${JSON.stringify(event)}`, () => {
      expect(refusal(event)).to.equal(`the request cannot be understood: ${message}`);
    });
  }
});
