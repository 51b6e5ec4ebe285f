import { expect } from "chai";
import fc from "fast-check";
import { advanceTail, formatTail, parseTail, settleTail, type Tail } from "../../../handler/refresh/tail";

const empty: Tail = { high: 0n, gaps: [], samples: [] };

describe("the tail of an AUTO_INCREMENT key", () => {
  it("keeps the keys that were absent below the highest one as gaps", () => {
    const tail = advanceTail(empty, 9n, [1n, 2n, 5n, 9n], 1_000);

    expect(tail.high).to.equal(9n);
    expect(tail.gaps).to.deep.equal([
      { from: 3n, to: 4n },
      { from: 6n, to: 8n },
    ]);
  });

  it("closes a gap when its row appears", () => {
    const tail = advanceTail({ ...empty, high: 9n, gaps: [{ from: 3n, to: 5n }] }, 9n, [4n], 1_000);

    expect(tail.gaps).to.deep.equal([
      { from: 3n, to: 3n },
      { from: 5n, to: 5n },
    ]);
  });

  it("keeps gaps until a margin after the sample", () => {
    const tail = advanceTail(empty, 5n, [1n, 5n], 1_000);

    expect(settleTail(tail, { transactions: [], seenAtMs: 2_000 }).gaps).to.deep.equal([{ from: 2n, to: 4n }]);
    expect(settleTail(tail, { transactions: [], seenAtMs: 4_000 }).gaps).to.deep.equal([]);
  });

  it("keeps gaps while a transaction is open that may fill them", () => {
    const tail = advanceTail(empty, 5n, [1n, 5n], 1_000);
    const old = { connectionId: "7", transactionId: 40n };

    const waiting = settleTail(tail, { transactions: [old], seenAtMs: 4_000 });
    const younger = settleTail(waiting, {
      transactions: [{ connectionId: "8", transactionId: 41n }],
      seenAtMs: 5_000,
    });

    expect(waiting.gaps).to.deep.equal([{ from: 2n, to: 4n }]);
    expect(waiting.samples).to.deep.equal([{ key: 5n, atMs: 1_000, horizon: 40n }]);
    expect(younger.gaps).to.deep.equal([]);
  });

  it("keeps gaps when the view of transactions is older than the sample, whatever it shows", () => {
    const tail = advanceTail(empty, 5n, [1n, 5n], 60_000);
    const looked = settleTail(tail, { transactions: [{ connectionId: "7", transactionId: 40n }], seenAtMs: 63_000 });

    expect(settleTail(tail, { transactions: [], seenAtMs: 10_000 }).gaps).to.deep.equal([{ from: 2n, to: 4n }]);
    expect(settleTail(looked, { transactions: [], seenAtMs: 10_000 }).gaps).to.deep.equal([{ from: 2n, to: 4n }]);
  });

  it("keeps keys that were given out and not seen as a gap up to the counter", () => {
    expect(advanceTail(empty, 9n, [1n], 1_000).gaps).to.deep.equal([{ from: 2n, to: 9n }]);
  });

  it("drops only the gaps at or below the safe sample", () => {
    const tail = { high: 20n, gaps: [{ from: 2n, to: 12n }], samples: [{ key: 9n, atMs: 0, horizon: undefined }] };

    expect(settleTail(tail, { transactions: [], seenAtMs: 10_000 }).gaps).to.deep.equal([{ from: 10n, to: 12n }]);
  });

  it("survives its stored form", () => {
    const tail = advanceTail(empty, 18446744073709551615n, [1n, 18446744073709551615n], 5);

    expect(parseTail(JSON.parse(JSON.stringify(formatTail(tail))), "shop.orders")).to.deep.equal(tail);
  });

  it("refuses a stored form that is not its own", () => {
    expect(() => parseTail({ high: "x" }, "shop.orders")).to.throw("the stored tail of shop.orders");
  });

  it("never forgets a key that was absent, whatever the order in which rows appear", () => {
    fc.assert(
      fc.property(fc.array(fc.uniqueArray(fc.integer({ min: 1, max: 3_000 }), { maxLength: 400 })), (batches) => {
        let tail = empty;
        const seen = new Set<bigint>();
        for (const batch of batches) {
          const keys = batch.map(BigInt).sort((a, b) => (a < b ? -1 : 1));
          const fresh = keys.filter(
            (key) => key > tail.high || tail.gaps.some((gap) => gap.from <= key && key <= gap.to),
          );
          for (const key of fresh) seen.add(key);
          tail = advanceTail(tail, fresh.at(-1) ?? 0n, fresh, 0);
          expect(tail.gaps.length).to.be.at.most(500);
          for (let key = 1n; key <= tail.high; key++) {
            const isKept = seen.has(key) || tail.gaps.some((gap) => gap.from <= key && key <= gap.to);
            if (!isKept) throw new Error(`key ${key} is forgotten`);
          }
        }
      }),
      { numRuns: 30 },
    );
  });
});
