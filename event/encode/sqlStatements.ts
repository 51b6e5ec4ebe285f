/** Statements of an SQL text, as a client would send them. */

export interface SqlStatement {
  /** Without its delimiter, the blanks around it and the comments to the end of a line before it. */
  readonly text: string;
  /** What the last USE named; empty: none. */
  readonly database: string;
  /** Number of its first line, from 1. */
  readonly line: number;
}

/** What a statement cannot be split inside: quoted text, names in backticks, comments; and one character of anything else. */
const part =
  /'(?:[^'\\]+|\\.|'')*'?|"(?:[^"\\]+|\\.|"")*"?|`(?:[^`]+|``)*`?|\/\*(?:[^*]+|\*(?!\/))*(?:\*\/)?|(?:#|--(?=\s|$))[^\n]*|\n|[\w$]+|[^]/suy;

const delimiterCommand = /[ \t]*delimiter[ \t]+(\S+)[^\n]*/iuy;

const leadingComments = /^(?:\s+|(?:#|--(?=\s))[^\n]*)+/u;

/** Takes time in proportion to the text. */
export function splitStatements(text: string): readonly SqlStatement[] {
  const statements: SqlStatement[] = [];
  let delimiter = ";";
  let database = "";
  let start = 0;
  let line = 1;
  let at = 0;
  const end = (to: number): void => {
    const rest = text.slice(start, to).replace(leadingComments, "");
    const statement = rest.trimEnd();
    const first = line - count(rest, "\n");
    const used = /^use\s+(?:`((?:[^`]|``)+)`|(\S+))$/iu.exec(statement);
    if (used !== null) database = used[1]?.replaceAll("``", "`") ?? used[2] ?? "";
    else if (!isBlank(statement)) statements.push({ text: statement, database, line: first });
  };
  while (at < text.length) {
    delimiterCommand.lastIndex = at;
    const command =
      text.slice(start, at).trim() === "" && (at === 0 || text[at - 1] === "\n") ? delimiterCommand.exec(text) : null;
    if (command !== null) {
      delimiter = command[1] ?? delimiter;
      at += command[0].length;
      start = at;
    } else if (text.startsWith(delimiter, at)) {
      end(at);
      at += delimiter.length;
      start = at;
    } else {
      part.lastIndex = at;
      const [matched = ""] = part.exec(text) ?? [];
      line += count(matched, "\n");
      at += matched.length;
    }
  }
  end(text.length);
  return statements;
}

/** Nothing but comments, which a client keeps to itself. */
function isBlank(statement: string): boolean {
  return statement.replace(/\/\*(?!!)(?:[^*]|\*(?!\/))*\*\/|(?:#|--(?=\s|$))[^\n]*|\s+/gu, "") === "";
}

function count(text: string, character: string): number {
  let found = 0;
  for (let at = text.indexOf(character); at !== -1; at = text.indexOf(character, at + 1)) found++;
  return found;
}
