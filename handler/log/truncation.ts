/** Recognises text that the server's query log limit has cut: the log itself does not mark it. */

/** `server_audit_query_log_limit` when nobody has set it. */
export const defaultQueryLogLimit = 1024;

/** U+FFFD as JavaScript sees it: stands for one to three bytes that were not UTF-8, or for itself (three bytes). */
const replacement = "\ufffd";

/**
 * Whether the escaped text between two indexes of a line may have been cut.
 *
 * The server cuts the text to `limit` bytes, escapes it, and cuts again at `limit` bytes, but never between a backslash
 * and its letter. So cut text is `limit` or `limit - 1` bytes long. Text that was just as long by nature looks the same.
 *
 * @param limit bytes; 0: the server cuts nothing. `undefined`: not known; then text as long as the default limit
 * is suspected, while longer text proves that the limit is another one.
 */
export function mayBeCut(line: string, start: number, end: number, limit: number | undefined): boolean {
  if (limit === 0) return false;
  const units = end - start;
  const shortest = (limit ?? defaultQueryLogLimit) - 1;
  // A UTF-16 unit is one to three bytes of UTF-8: most texts are settled by their length alone.
  if (units * 3 < shortest) return false;
  if (limit === undefined && units > defaultQueryLogLimit) return false;
  const text = line.slice(start, end);
  const longestBytes = Buffer.byteLength(text, "utf8");
  if (longestBytes < shortest) return false;
  if (limit !== undefined) return true;
  return longestBytes - 2 * count(text, replacement) <= defaultQueryLogLimit;
}

function count(text: string, character: string): number {
  let found = 0;
  for (let at = text.indexOf(character); at !== -1; at = text.indexOf(character, at + 1)) found++;
  return found;
}
