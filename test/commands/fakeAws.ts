/** As much of AWS as the commands use, over HTTP: invoking functions, and the objects of buckets. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { once } from "node:events";
import { type AddressInfo } from "node:net";
import { text as readText } from "node:stream/consumers";

export interface FakeAws {
  readonly url: string;
  /** Objects by bucket and key. */
  readonly buckets: ReadonlyMap<string, Map<string, string>>;
  close(): Promise<void>;
}

type Invoke = (payload: unknown) => Promise<unknown>;

export async function startFakeAws(
  functions: ReadonlyMap<string, Invoke>,
  bucketNames: readonly string[],
): Promise<FakeAws> {
  const buckets = new Map(bucketNames.map((name) => [name, new Map<string, string>()]));
  const server = createServer((request, response) => {
    void answer(request, response, functions, buckets);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    buckets,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  functions: ReadonlyMap<string, Invoke>,
  buckets: ReadonlyMap<string, Map<string, string>>,
): Promise<void> {
  const url = new URL(request.url ?? "/", "http://aws");
  const [, invoked] = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/u.exec(url.pathname) ?? [];
  if (invoked !== undefined) {
    await invoke(functions.get(decodeURIComponent(invoked)), await readText(request), response);
    return;
  }
  const [, bucket = "", key = ""] = /^\/([^/]+)\/?(.*)$/u.exec(url.pathname) ?? [];
  const objects = buckets.get(bucket);
  if (objects === undefined) end(response, 404, "<Error><Code>NoSuchBucket</Code><Message>no bucket</Message></Error>");
  else if (request.method === "DELETE") end(response, objects.delete(decodeURIComponent(key)) ? 204 : 404, "");
  else if (key !== "") end(response, 200, objects.get(decodeURIComponent(key)) ?? "");
  else end(response, 200, listing([...objects.keys()]));
}

/** https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
async function invoke(work: Invoke | undefined, payload: string, response: ServerResponse): Promise<void> {
  if (work === undefined) {
    response.setHeader("x-amzn-errortype", "ResourceNotFoundException");
    end(response, 404, JSON.stringify({ Type: "User", Message: "Function not found" }));
    return;
  }
  try {
    end(response, 200, JSON.stringify(await work(JSON.parse(payload))));
  } catch (error) {
    const { name, message } = error as Error;
    response.setHeader("x-amz-function-error", "Unhandled");
    end(response, 200, JSON.stringify({ errorType: name, errorMessage: message, trace: [] }));
  }
}

function listing(keys: readonly string[]): string {
  const contents = keys.map(
    (key) => `<Contents><Key>${key}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents>`,
  );
  return `<ListBucketResult><IsTruncated>false</IsTruncated>${contents.join("")}</ListBucketResult>`;
}

function end(response: ServerResponse, status: number, body: string): void {
  response.statusCode = status;
  response.end(body);
}
