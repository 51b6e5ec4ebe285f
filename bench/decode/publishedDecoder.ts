/**
 * How published solutions for this architecture take the statement out of an audit line: split it at the commas that an
 * even number of quotes follows, take field 8, strip the quotes and undo the escapes. It loses its way at escaped quotes,
 * and looks at the rest of the line for each comma; here it only has to be timed.
 */
import { gunzipSync } from "node:zlib";

const outsideQuotes = /,(?=(?:[^']*'[^']*')*[^']*$)/;
const objectField = 8;

export function decodeAsPublished(data: Buffer): readonly string[] {
  const { logEvents } = JSON.parse(gunzipSync(data).toString("utf8")) as { logEvents: { message: string }[] };
  return logEvents.map(({ message }) => {
    const object = message.split(outsideQuotes)[objectField] ?? "";
    return object.trim().replace(/^'|'$/g, "").replaceAll("\\'", "'").replaceAll("\\\\", "\\");
  });
}
