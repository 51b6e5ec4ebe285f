import { expect } from "chai";
import { identifier, literal, text, tuple, value } from "../../../handler/sql/text";

describe("SQL text", () => {
  it("doubles backticks in names", () => {
    expect(identifier("a`; DROP TABLE x; -- ")).to.equal("`a``; DROP TABLE x; -- `");
  });

  it("writes names and strings as UTF-8 bytes", () => {
    expect(identifier("ü")).to.equal("`Ã¼`");
    expect(text("ü")).to.equal("_utf8mb4'Ã¼'");
  });

  it("escapes what could end a string", () => {
    expect(text("a'b\\c\0d")).to.equal("_utf8mb4'a\\'b\\\\c\\0d'");
  });

  it("keeps the bytes of a value behind its character set", () => {
    expect(value(Buffer.from([0xe4, 0x27]), "_latin1")).to.equal("_latin1'ä\\''");
    expect(value(null, "_latin1")).to.equal("NULL");
  });

  it("lets only digits through as a number", () => {
    expect(literal({ type: "number", text: "-1.50e-3" })).to.equal("(-1.50e-3)");
    expect(() => literal({ type: "number", text: "1 OR 1=1" })).to.throw("not a number");
    expect(() => literal({ type: "binary", hex: "0'" })).to.throw("not hexadecimal");
  });

  it("puts several columns into a tuple", () => {
    expect(tuple(["a"])).to.equal("a");
    expect(tuple(["a", "b"])).to.equal("(a, b)");
  });
});
