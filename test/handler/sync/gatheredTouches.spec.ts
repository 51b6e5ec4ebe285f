import { expect } from "chai";
import { GatheredTouches } from "../../../handler/sync/gatheredTouches";
import type { Literal, Touch } from "../../../handler/touch/touch";

const orders = { database: "shop", table: "orders" };
const lines = { database: "shop", table: "order_lines" };

const number = (text: string): Literal => ({ type: "number", text });
const string = (value: string): Literal => ({ type: "string", value });
const keys = (table: typeof orders, ...named: readonly (readonly Literal[])[]): Touch => ({
  kind: "keys",
  table,
  keys: named,
});

function gather(...touches: readonly Touch[]): readonly Touch[] {
  const gathered = new GatheredTouches();
  for (const touch of touches) gathered.add(touch);
  return gathered.list();
}

describe("gathered touches", () => {
  it("have each key of a table once", () => {
    const touches = gather(
      keys(orders, [number("1")]),
      keys(orders, [number("2")], [number("1")]),
      keys(lines, [number("1"), number("2")]),
      keys(lines, [number("1"), number("2")]),
    );

    expect(touches).to.deep.equal([
      keys(orders, [number("1")], [number("2")]),
      keys(lines, [number("1"), number("2")]),
    ]);
  });

  it("tell apart what is written alike but is not the same literal", () => {
    const named = keys(orders, [number("1")], [string("1")], [{ type: "null" }], [{ type: "binary", hex: "31" }]);

    expect(gather(named)).to.deep.equal([named]);
  });

  it("have one tail for a table, one whole table for each reason, and every predicate", () => {
    const tail: Touch = { kind: "tail", table: orders };
    const all: Touch = { kind: "all", table: lines, reason: "ddl" };
    const where: Touch = {
      kind: "where",
      table: orders,
      predicate: { kind: "unknown" },
      operation: "update",
      changed: "all",
      assigned: {},
    };

    const cut: Touch = { ...all, reason: "truncated" };

    expect(gather(tail, where, all, cut, where, tail, all)).to.deep.equal([where, where, tail, all, cut]);
  });

  it("are cut into touches that can be stored alone", () => {
    const many = Array.from({ length: 1_201 }, (_, index) => [number(String(index))]);

    const touches = gather(keys(orders, ...many));

    expect(touches.map((touch) => (touch.kind === "keys" ? touch.keys.length : 0))).to.deep.equal([500, 500, 201]);
    expect(touches.flatMap((touch) => (touch.kind === "keys" ? touch.keys : []))).to.deep.equal(many);
  });
});
