/** The quoted text of a QUERY record. */

export interface QueryText {
  readonly text: string;
  /** Index of the closing quote; the length of the line when it has none. */
  readonly end: number;
}

const backslash = "\\".charCodeAt(0);
const quote = "'".charCodeAt(0);

/** The character that a backslash and this one stand for, where it is not this one itself. */
const controls: ReadonlyMap<number, string> = new Map(
  [
    ["b", "\b"],
    ["t", "\t"],
    ["n", "\n"],
    ["f", "\f"],
    ["r", "\r"],
  ].map(([letter = "", control = ""]) => [letter.charCodeAt(0), control]),
);

/**
 * Reads text from behind its opening quote to its closing one. MariaDB and RDS for MySQL escape \b \t \n \f \r ' and \;
 * Aurora and old plugins only ' and \. One pass from left to right is exact for both, because all of them escape the
 * backslash itself.
 *
 * @returns `undefined` when a backslash stands before anything else.
 */
export function readQueryText(line: string, start: number): QueryText | undefined {
  const end = closingQuote(line, start);
  const whole = line.slice(start, end);
  // Not looked for behind the end: a line may hold very many texts.
  const first = whole.indexOf("\\");
  if (first === -1) return { text: whole, end };
  let at = start + first;
  let text = "";
  let from = start;
  while (at !== -1 && at < end) {
    const escaped = line.charCodeAt(at + 1);
    text += line.slice(from, at);
    from = at + 1;
    if (escaped !== quote && escaped !== backslash) {
      // A line that was cut between a backslash and its letter ends here.
      if (from === line.length) break;
      const control = controls.get(escaped);
      if (control === undefined) return undefined;
      text += control;
      from = at + 2;
    }
    at = line.indexOf("\\", at + 2);
  }
  return { text: text + line.slice(from, end), end };
}

/** The first quote with an even number of backslashes before it. Searching for quotes beats a loop over characters. */
function closingQuote(line: string, start: number): number {
  for (let at = line.indexOf("'", start); at !== -1; at = line.indexOf("'", at + 1)) {
    let before = at;
    while (before > start && line.charCodeAt(before - 1) === backslash) before--;
    if ((at - before) % 2 === 0) return at;
  }
  return line.length;
}
