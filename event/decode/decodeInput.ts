import { isGzip } from "../../handler/log/envelope";
import { type DescribeTouches, describeRecord } from "./describeRecord";
import { readJson } from "./jsonInput";
import { isBase64, type Part, readBase64, readLines, readPayload } from "./payload";

/**
 * One line of output for each record of the input, whatever kind of input it is.
 *
 * @param show how touches are told, or `"lines"`: the log lines themselves.
 * @throws {Unusable} when the input is none of the known kinds.
 */
export function* decodeInput(input: Buffer, show: DescribeTouches | "lines"): Iterable<string> {
  for (const part of readInputParts(input)) {
    if (show === "lines") yield part.ok ? part.line : part.raw;
    else if (part.ok) yield JSON.stringify(describeRecord(part.record, show));
    else yield JSON.stringify({ raw: part.raw, reason: part.reason });
  }
}

function readInputParts(input: Buffer): readonly Part[] {
  if (isGzip(input)) return readPayload(input, input.toString("base64"));
  const text = input.toString("utf8").replace(/^\ufeff/u, "");
  const trimmed = text.trim();
  if (/^[{["]/u.test(trimmed)) return readJson(trimmed);
  return readBare(trimmed) ?? readLines(text);
}

/** gzip begins with 1f 8b 08, in base64 `H4sI`. */
const gzipStart = /^H4sI/u;

/**
 * Base64 text alone: one, maybe broken into lines, or several, each gzip. An audit line has commas in it, so it cannot be
 * taken for one; `undefined` when it is none.
 */
function readBare(text: string): readonly Part[] | undefined {
  const words = text.split(/\s+/u);
  if (words.length > 1 && words.every((word) => isBase64(word) && gzipStart.test(word)))
    return words.flatMap(readBase64);
  const joined = words.join("");
  if (!isBase64(joined)) return undefined;
  const bytes = Buffer.from(joined, "base64");
  // A word may look like base64 by chance; its bytes are hardly text then.
  return isGzip(bytes) || isReadable(bytes) ? readPayload(bytes, joined) : undefined;
}

function isReadable(bytes: Buffer): boolean {
  const text = bytes.toString("utf8");
  // eslint-disable-next-line no-control-regex -- control characters are what this is about
  return !/[\ufffd\u0000-\u0008\u000e-\u001f]/u.test(text);
}
