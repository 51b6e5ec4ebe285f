import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo } from "node:net";
import { join } from "node:path";
import { refusal, tokenHeader } from "./access";
import { type Feed } from "./feed";

export interface WebServer {
  /** With the token that opens it. */
  readonly url: string;
  close(): Promise<void>;
}

const files: Readonly<Record<string, { readonly name: string; readonly type: string }>> = {
  "/": { name: "index.html", type: "text/html" },
  "/style.css": { name: "style.css", type: "text/css" },
  "/app.js": { name: "app.js", type: "text/javascript" },
  "/chart.js": { name: "chart.js", type: "text/javascript" },
  "/journey.js": { name: "journey.js", type: "text/javascript" },
  "/elements.js": { name: "elements.js", type: "text/javascript" },
};

/** They hold nothing of the run and nothing of the user's, and a script is fetched without the page's address. */
const openFiles = new Set(["/style.css", "/app.js", "/chart.js", "/journey.js", "/elements.js"]);

const headers = {
  "cache-control": "no-store",
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

const longestSqlBytes = 1024 * 1024;

/** Serves the page on 127.0.0.1 at a port that the system chooses. `runSql` is handed what somebody typed. */
export async function startWebServer(feed: Feed, runSql: (sql: string) => Promise<void>): Promise<WebServer> {
  const token = randomBytes(18).toString("base64url");
  const server = createServer((request, response) => {
    void answer(request, response).catch((error: unknown) => {
      refuse(response, 500, (error as Error).message);
    });
  });
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { port } = server.address() as AddressInfo;
    const method = request.method ?? "";
    const url = new URL(request.url ?? "", "http://127.0.0.1");
    const given = request.headers[tokenHeader] ?? url.searchParams.get("token") ?? undefined;
    const isOpen = openFiles.has(url.pathname);
    const sent = { method, path: url.pathname, token: isOpen ? token : given?.toString(), headers: request.headers };
    const problem = refusal(sent, { port, token });
    if (problem !== undefined) refuse(response, 403, problem);
    else if (method === "POST" && url.pathname === "/sql") await takeSql(request, response, runSql);
    else if (method !== "GET") refuse(response, 405, "this page answers GET, and POST /sql");
    else if (url.pathname === "/events") feed.open(response);
    else sendFile(response, url.pathname);
  };
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/?token=${token}`,
    close: () => close(server, feed),
  };
}

async function close(server: Server, feed: Feed): Promise<void> {
  feed.close();
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
}

function sendFile(response: ServerResponse, path: string): void {
  const file = files[path];
  if (file === undefined) {
    refuse(response, 404, "there is nothing here");
    return;
  }
  response.writeHead(200, { ...headers, "content-type": `${file.type}; charset=utf-8` });
  response.end(readFileSync(join(__dirname, "assets", file.name)));
}

async function takeSql(
  request: IncomingMessage,
  response: ServerResponse,
  runSql: (sql: string) => Promise<void>,
): Promise<void> {
  if (request.headers["content-type"] !== "application/json") {
    refuse(response, 415, "send JSON");
    return;
  }
  const sql = await readSql(request);
  if (sql === undefined) {
    refuse(response, 400, `send {"sql": text} of at most ${longestSqlBytes} bytes`);
    return;
  }
  await runSql(sql);
  response.writeHead(204, headers);
  response.end();
}

async function readSql(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
    length += (chunk as Buffer).length;
    if (length > longestSqlBytes) return undefined;
  }
  try {
    const body: unknown = JSON.parse(Buffer.concat(chunks).toString("utf8"));
    const sql = typeof body === "object" && body !== null && "sql" in body ? body.sql : undefined;
    return typeof sql === "string" && sql.trim() !== "" ? sql : undefined;
  } catch {
    // Not JSON; the caller says so.
    return undefined;
  }
}

function refuse(response: ServerResponse, status: number, problem: string): void {
  response.writeHead(status, { ...headers, "content-type": "text/plain; charset=utf-8" });
  response.end(`${problem}\n`);
}
