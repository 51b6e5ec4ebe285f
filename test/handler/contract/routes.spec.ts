import { expect } from "chai";
import { parseTargets, RoutesError } from "../../../handler/contract/routes";

function problemsOf(raw: unknown): readonly string[] {
  try {
    parseTargets(raw);
  } catch (error) {
    if (error instanceof RoutesError) return error.problems;
    throw error;
  }
  return [];
}

describe("routes", () => {
  it("fill in their defaults", () => {
    const targets = parseTargets({ targets: [{ name: "crm", host: "db", routes: [{ source: "shop.orders" }] }] });

    expect(targets).to.deep.equal([
      {
        name: "crm",
        routes: [
          {
            source: { database: "shop", table: "orders" },
            target: { database: "shop", table: "orders" },
            columns: undefined,
            where: undefined,
            followSchema: false,
          },
        ],
      },
    ]);
  });

  it("take columns as a list or with new names, and a filter as a value or a list", () => {
    const [target] = parseTargets([
      {
        name: "crm",
        routes: [
          {
            source: "shop.orders",
            target: "crm.order_status",
            columns: { id: "order_id", status: "state" },
            where: { status: ["paid", "sent"], hidden: false },
          },
          { source: "shop.items", columns: ["id", "name"] },
        ],
      },
    ]);

    expect(target?.routes[0]?.columns).to.deep.equal({ id: "order_id", status: "state" });
    expect(target?.routes[0]?.where).to.deep.equal({ status: ["paid", "sent"], hidden: [false] });
    expect(target?.routes[1]?.columns).to.deep.equal({ id: "id", name: "name" });
  });

  it("report every problem at once", () => {
    const problems = problemsOf([
      {
        name: "crm",
        routes: [
          { source: "shop.a", target: "crm.x" },
          { source: "shop.b", target: "crm.x" },
          { source: "shop.*", target: "crm.y" },
          { source: "shop.c", columns: [] },
          { source: "shop.d", where: { status: [] } },
          { source: "shop.e", columns: { a: "x", b: "X" } },
          { source: "shop.f", target: "crm.g", followSchema: true },
        ],
      },
      { name: "crm", routes: [{ source: "shop.a" }] },
    ]);

    expect(problems).to.deep.equal([
      "target crm, route shop.*: shop.* → crm.y: a wildcard stands on both sides or on neither",
      "target crm, route shop.c: columns is empty; leave it out to follow every column",
      "target crm, route shop.d: a where list is empty and would match no row; name at least one value",
      "target crm, route shop.e: two columns arrive as x; give each its own target column",
      "target crm, route shop.f: followSchema needs a route that keeps table and column names",
      "target crm: two routes write crm.x; a target table follows exactly one source table",
      "target crm: the name is used twice; give each target its own",
    ]);
  });

  it("refuse keys that do not exist and names without a database", () => {
    expect(problemsOf([{ name: "crm", routes: [{ source: "orders", colums: [] }] }])).to.have.length(2);
    expect(problemsOf([])).to.deep.equal(["targets: needs at least one target"]);
  });
});
