/** The quoted text of a QUERY record. */

export interface QueryText {
  readonly text: string;
  /** Index of the closing quote; the length of the line when it has none. */
  readonly end: number;
}

const backslash = "\\".charCodeAt(0);
const quote = "'".charCodeAt(0);

/**
 * Reads text from behind its opening quote to its closing one. MariaDB and RDS for MySQL escape \b \t \n \f \r ' and \;
 * Aurora and old plugins only ' and \. One pass from left to right is exact for both, because all of them escape the
 * backslash itself.
 *
 * @returns `undefined` when a backslash stands before anything else.
 */
export function readQueryText(line: string, start: number): QueryText | undefined {
  const closing = line.indexOf("'", start);
  const end = closing === -1 ? line.length : closing;
  const escape = line.indexOf("\\", start);
  if (escape === -1 || escape > end) return { text: line.slice(start, end), end };
  return readEscapedText(line, start, escape);
}

function readEscapedText(line: string, start: number, firstEscape: number): QueryText | undefined {
  let text = "";
  let from = start;
  let at = firstEscape;
  for (;;) {
    if (at + 1 >= line.length) return { text: text + line.slice(from, at), end: line.length };
    const plain = unescape(line.charCodeAt(at + 1));
    if (plain === undefined) return undefined;
    text += line.slice(from, at) + plain;
    from = at + 2;
    at = nextSpecial(line, from);
    if (line.charCodeAt(at) !== backslash) return { text: text + line.slice(from, at), end: at };
  }
}

/** Escapes come in clusters, so a loop beats two searches that each run to their own next hit. */
function nextSpecial(line: string, from: number): number {
  for (let index = from; index < line.length; index++) {
    const code = line.charCodeAt(index);
    if (code === backslash || code === quote) return index;
  }
  return line.length;
}

function unescape(code: number): string | undefined {
  switch (code) {
    case quote:
      return "'";
    case backslash:
      return "\\";
    case 0x6e:
      return "\n";
    case 0x74:
      return "\t";
    case 0x72:
      return "\r";
    case 0x62:
      return "\b";
    case 0x66:
      return "\f";
    default:
      return undefined;
  }
}
