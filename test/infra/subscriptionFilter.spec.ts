import { expect } from "chai";
import * as fc from "fast-check";
import { changesFilterPattern } from "../../infra/subscriptionFilter";

/** As CloudWatch Logs reads `?A ?B`: a line matches that contains any of the terms, in this very case. */
function delivers(line: string): boolean {
  return changesFilterPattern.split(" ").some((term) => line.includes(term.replace(/^\?/, "")));
}

const aurora = (operation: string, database: string, rest: string): string =>
  `1588888888888888,shop-1,app,10.0.1.7,812,90210,${operation},${database},${rest}`;
const rds = (operation: string, database: string, rest: string): string =>
  `20260501 10:02:19,ip-10-1-3-230,app,10.0.1.7,812,90210,${operation},${database},${rest}`;

describe("the subscription filter", () => {
  it("is made of terms that CloudWatch Logs takes without quotes, within its length", () => {
    expect(changesFilterPattern).to.match(/^(?:\?[A-Za-z]+)(?: \?[A-Za-z]+)*$/);
    expect(changesFilterPattern.length).to.be.at.most(1_024);
  });

  it("delivers a statement in any spelling", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.constantFrom(aurora, rds), (text, line) => {
        return delivers(line("QUERY", "shop", `'${text}',0`));
      }),
    );
  });

  it("delivers every event of a table that is written or changed, whatever its name", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("WRITE", "CREATE", "ALTER", "RENAME", "DROP"),
        fc.string({ unit: "grapheme" }),
        (operation, table) => delivers(aurora(operation, "shop", `${table},`)),
      ),
    );
  });

  it("drops reads of tables and connections, which change no row", () => {
    for (const line of [
      aurora("READ", "shop", "orders,0"),
      aurora("READ", "shop", "orders,"),
      aurora("CONNECT", "shop", ",0"),
      aurora("DISCONNECT", "shop", ",0"),
      aurora("FAILED_CONNECT", "shop", ",1045"),
      rds("CONNECT", "shop", ",0,SSL"),
      rds("CHANGEUSER", "shop", ",0,SSL"),
      rds("PROXY_CONNECT", "shop", "`proxy`@`%`,0"),
    ]) {
      expect(delivers(line), line).to.equal(false);
    }
  });

  it("delivers a read rather than lose a write that looks like one", () => {
    expect(delivers(aurora("READ", "shop", "QUERIES,0"))).to.equal(false);
    expect(delivers(aurora("READ", "shop", "QUERY_LOG,0"))).to.equal(true);
    expect(delivers(aurora("QUERY", "shop", "'UPDATE t SET a = \\',READ,\\'',0"))).to.equal(true);
  });
});
