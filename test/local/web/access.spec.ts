import { expect } from "chai";
import { refusal, type WebRequest } from "../../../local/web/access";

const door = { port: 4711, token: "the-token" };

function request(overrides: Partial<WebRequest> & { readonly headers?: WebRequest["headers"] } = {}): WebRequest {
  const { headers, ...rest } = overrides;
  return { method: "POST", path: "/sql", token: door.token, ...rest, headers: { host: "127.0.0.1:4711", ...headers } };
}

describe("access to the page", () => {
  it("is given to whoever has the token, on this machine", () => {
    expect(refusal(request(), door)).to.equal(undefined);
    expect(refusal(request({ headers: { host: "localhost:4711", origin: "http://localhost:4711" } }), door)).to.equal(
      undefined,
    );
    expect(refusal(request({ headers: { "sec-fetch-site": "same-origin" } }), door)).to.equal(undefined);
  });

  it("is refused without the token, and with another one", () => {
    for (const token of [undefined, "", "the-tokem", "the-token-and-more"]) {
      expect(refusal(request({ token }), door)).to.equal("open the whole address that npm run local printed");
    }
  });

  it("is refused under a name that was made to point here", () => {
    for (const host of [undefined, "attacker.example:4711", "127.0.0.1:4712", "127.0.0.1"]) {
      expect(refusal(request({ headers: { host } }), door)).to.equal("the page is reached at 127.0.0.1 only");
    }
  });

  it("is refused to other sites, token or not", () => {
    for (const headers of [
      { origin: "https://attacker.example" },
      { origin: "null" },
      { origin: "http://127.0.0.1:80" },
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site" },
    ]) {
      expect(refusal(request({ headers }), door)).to.equal("another site may not use this page");
    }
  });

  it("lets the address be opened from elsewhere, as a link in a terminal or a chat is", () => {
    expect(refusal(request({ method: "GET", path: "/", headers: { "sec-fetch-site": "cross-site" } }), door)).to.equal(
      undefined,
    );
  });
});
