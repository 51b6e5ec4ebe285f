import { expect } from "chai";
import type { Config } from "../stackFiles";
import { problem, refusal } from "./load";

const routes = [{ source: "shop.orders" }];
const edit = "editing targets in the stack file; docs/configuration.md describes it";

function withRoutes(...ownRoutes: readonly object[]): Config {
  return { targets: [{ name: "crm", database: { engine: "mysql" }, routes: ownRoutes }] };
}

const ofTarget = (rule: string): string => problem("targets", undefined, rule, edit);

describe("a target", () => {
  it("is refused when there is none", async () => {
    expect(await refusal({ targets: undefined })).to.equal(ofTarget("needs at least one target"));
  });

  it("is refused when it is no list", async () => {
    expect(await refusal({ targets: "crm" })).to.contain("  - audit-sync:targets: ");
  });

  it("is refused without a usable name", async () => {
    expect(await refusal({ targets: [{ name: "CRM", database: { engine: "mysql" }, routes }] })).to.equal(
      problem(
        "targets[0].name",
        undefined,
        "is 1 to 31 lower-case letters, digits and hyphens and starts with a letter",
        edit,
      ),
    );
  });

  it("is refused when another one has its name", async () => {
    const one = { name: "crm", database: { engine: "mysql" }, routes };

    expect(await refusal({ targets: [one, one] })).to.equal(
      ofTarget("target crm: the name is used twice; give each target its own"),
    );
  });

  it("is refused without routes", async () => {
    expect(await refusal(withRoutes())).to.equal(
      problem("targets[0].routes", undefined, "needs at least one route", edit),
    );
  });
});

describe("a route", () => {
  const place = "target crm, route";
  const cases: readonly (readonly [what: string, routes: readonly object[], rule: string])[] = [
    [
      "has a wildcard on one side",
      [{ source: "shop.*", target: "crm.orders" }],
      `${place} shop.*: shop.* → crm.orders: a wildcard stands on both sides or on neither`,
    ],
    [
      "chooses columns of a wildcard",
      [{ source: "shop.*", columns: ["id"] }],
      `${place} shop.*: columns and where need a named table; add a route of its own for it`,
    ],
    [
      "chooses no columns",
      [{ source: "shop.orders", columns: [] }],
      `${place} shop.orders: columns is empty; leave it out to follow every column`,
    ],
    [
      "sends two columns to one",
      [{ source: "shop.orders", columns: { id: "id", number: "ID" } }],
      `${place} shop.orders: two columns arrive as id; give each its own target column`,
    ],
    [
      "filters by nothing",
      [{ source: "shop.orders", where: { status: [] } }],
      `${place} shop.orders: a where list is empty and would match no row; name at least one value`,
    ],
    [
      "follows a schema that it renames",
      [{ source: "shop.orders", target: "crm.sales", followSchema: true }],
      `${place} shop.orders: followSchema needs a route that keeps table and column names`,
    ],
    [
      "writes what another one writes",
      [{ source: "shop.orders" }, { source: "shop.sales", target: "shop.Orders" }],
      "target crm: two routes write shop.orders; a target table follows exactly one source table",
    ],
  ];
  for (const [what, ownRoutes, rule] of cases) {
    it(`is refused as the handler refuses it when it ${what}`, async () => {
      expect(await refusal(withRoutes(...ownRoutes))).to.equal(ofTarget(rule));
    });
  }

  it("is refused when it names no table", async () => {
    expect(await refusal(withRoutes({ source: "orders" }))).to.equal(
      problem(
        "targets[0].routes[0].source",
        undefined,
        "is the table's full name, <database>.<table>, or <database>.* for every table of a database",
        edit,
      ),
    );
  });
});
