/** Who may use the page: whoever has the address that was printed, in a browser on this machine, and no other web site. */
import { timingSafeEqual } from "node:crypto";
import { type IncomingHttpHeaders } from "node:http";

export interface Door {
  readonly port: number;
  /** Part of the printed address. */
  readonly token: string;
}

export interface WebRequest {
  readonly method: string;
  readonly path: string;
  /** From the address, or from the header {@link tokenHeader}. */
  readonly token: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

/** A page of another site cannot send it without asking first, and nobody answers that question. */
export const tokenHeader = "x-audit-sync-token";

/** Why a request is refused; `undefined`: it is not. */
export function refusal(request: WebRequest, { port, token }: Door): string | undefined {
  const { headers, method } = request;
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  // A name that somebody else lets point at 127.0.0.1 would make their page one of this origin.
  if (!hosts.includes(headers.host ?? "")) return "the page is reached at 127.0.0.1 only";
  if (headers.origin !== undefined && !hosts.some((host) => headers.origin === `http://${host}`)) {
    return "another site may not use this page";
  }
  const site = headers["sec-fetch-site"];
  if (method === "POST" && site !== undefined && site !== "same-origin") return "another site may not use this page";
  if (!sameText(request.token ?? "", token)) return "open the whole address that npm run local printed";
  return undefined;
}

function sameText(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}
