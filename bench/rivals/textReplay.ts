/** The obvious use of an audit log: run each statement again. Wrong for the reasons in docs/how-it-works.md. */
import { type Mariadb } from "../../local/mariadb";
import { connectAsRoot } from "../rig/servers";

/** Returns seconds. */
export async function replayTexts(target: Mariadb, texts: readonly string[]): Promise<number> {
  const connection = await connectAsRoot(target);
  const writes = texts.filter((text) => /^(?:insert|update|delete)\b/iu.test(text));
  try {
    await connection.query("USE shop");
    const startedMs = performance.now();
    for (const text of writes) await connection.query(text);
    return (performance.now() - startedMs) / 1000;
  } finally {
    await connection.end();
  }
}
