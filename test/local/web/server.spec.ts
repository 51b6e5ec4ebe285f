import { expect } from "chai";
import { request } from "node:http";
import { Feed } from "../../../local/web/feed";
import { startWebServer, type WebServer } from "../../../local/web/server";

interface Answer {
  readonly status: number | undefined;
  readonly text: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

describe("the page's server", () => {
  let server: WebServer;
  let feed: Feed;
  let ran: string[];

  beforeEach(async () => {
    ran = [];
    feed = new Feed();
    server = await startWebServer(feed, (sql) => {
      ran.push(sql);
      return Promise.resolve();
    });
  });
  afterEach(async () => {
    await server.close();
  });

  async function send(
    path: string,
    options: { readonly method?: string; readonly headers?: Record<string, string>; readonly body?: string } = {},
  ): Promise<Answer> {
    const { port, hostname } = new URL(server.url);
    return await new Promise((resolve, reject) => {
      const sent = request({
        hostname,
        port,
        path,
        agent: false,
        method: options.method ?? "GET",
        headers: options.headers,
      });
      sent.on("error", reject);
      sent.on("response", (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () => {
          const text = Buffer.concat(chunks).toString("utf8");
          resolve({ status: response.statusCode, text, headers: response.headers });
        });
      });
      sent.end(options.body);
    });
  }

  function token(): string {
    return new URL(server.url).searchParams.get("token") ?? "";
  }

  function post(body: string, headers: Record<string, string> = {}): Promise<Answer> {
    const own = { "content-type": "application/json", "x-audit-sync-token": token() };
    return send("/sql", { method: "POST", headers: { ...own, ...headers }, body });
  }

  it("listens on loopback only, and chooses port and token anew each time", async () => {
    const other = await startWebServer(new Feed(), () => Promise.resolve());
    try {
      expect(new URL(server.url).hostname).to.equal("127.0.0.1");
      expect(token()).to.match(/^[\w-]{24}$/u);
      expect(new URL(other.url).search).to.not.equal(new URL(server.url).search);
      expect(new URL(other.url).port).to.not.equal(new URL(server.url).port);
    } finally {
      await other.close();
    }
  });

  it("serves the page to whoever has the token, and lets nothing else into it", async () => {
    const page = await send(`/?token=${token()}`);

    expect(page.status).to.equal(200);
    expect(page.text).to.contain("SQL for the source");
    expect(page.headers["content-security-policy"]).to.match(/^default-src 'none'; script-src 'self'/u);
    expect(page.headers["referrer-policy"]).to.equal("no-referrer");
    for (const path of ["/", "/?token=wrong", "/events", "/events?token=", "/nothing"]) {
      expect((await send(path)).status, path).to.equal(403);
    }
  });

  it("serves every script that the page loads, and nothing outside its folder", async () => {
    for (const path of ["/app.js", "/chart.js", "/elements.js", "/journey.js", "/style.css"]) {
      expect((await send(path)).status, path).to.equal(200);
    }
    expect((await send(`/../server.ts?token=${token()}`)).status).to.equal(404);
  });

  it("runs what is posted with the token", async () => {
    expect((await post('{"sql":"SELECT \'é\'"}')).status).to.equal(204);
    expect(ran).to.deep.equal(["SELECT 'é'"]);
  });

  it("runs nothing for another site, another host or without the token", async () => {
    const body = '{"sql":"DROP DATABASE shop"}';

    expect((await post(body, { origin: "https://attacker.example" })).status).to.equal(403);
    expect((await post(body, { host: "attacker.example" })).status).to.equal(403);
    expect((await post(body, { "sec-fetch-site": "cross-site" })).status).to.equal(403);
    expect((await post(body, { "x-audit-sync-token": "guess" })).status).to.equal(403);
    // What a form of another site could send without asking.
    expect((await post(body, { "content-type": "text/plain" })).status).to.equal(415);
    expect(
      (await send("/sql", { method: "OPTIONS", headers: { origin: "https://attacker.example" } })).status,
    ).to.equal(403);
    expect(ran).to.deep.equal([]);
  });

  it("says what is wrong with a request that it cannot use", async () => {
    for (const body of ["", "{", "[]", '{"sql":5}', '{"sql":" "}', JSON.stringify({ sql: "x".repeat(1_100_000) })]) {
      const answer = await post(body);
      expect(answer.status).to.equal(400);
      expect(answer.text).to.contain('send {"sql": text} of at most 1048576 bytes');
    }
  });

  it("tells a reader that comes late what is still of interest", async () => {
    feed.send({ event: "phase", id: "", data: "begins" });
    feed.send({ event: "phase", id: "", data: "goes on" });
    for (let journey = 1; journey <= 50; journey += 1)
      feed.send({ event: "journey", id: String(journey), data: journey });
    const answer = send(`/events?token=${token()}`);
    feed.send({ event: "journey", id: "50", data: "fifty" });

    // Ends every reader's stream, so that the answer is whole.
    await send(`/?token=${token()}`);
    feed.close();
    const { text } = await answer;

    expect(text).to.contain('event: phase\ndata: "goes on"\n\n');
    expect(text).to.not.contain("begins");
    expect(text).to.not.contain("data: 10\n");
    expect(text).to.contain("data: 11\n");
    expect(text).to.contain('data: "fifty"\n');
  });
});
