import { createConnection, type Connection } from "mysql2/promise";
import { setTimeout as delay } from "node:timers/promises";
import type { Mariadb } from "../../../local/mariadb";
import { createRandom, type Random } from "../../../local/random";
import { anyWrite, narrowWrite } from "./statements";

/** Runs statements on several connections at once: alone, in transactions that commit or roll back, with savepoints, in XA. */
export async function runWorkload(
  source: Mariadb,
  database: string,
  seed: string,
  size: { readonly connections: number; readonly steps: number },
): Promise<void> {
  const withRare = createRandom(seed, "rare").chance(0.3);
  await Promise.all(
    Array.from({ length: size.connections }, async (_, index) => {
      const random = createRandom(seed, `connection ${index}`);
      for (let step = 0; step < size.steps;) {
        const connection = await createConnection({ ...source.rootConnection, database, charset: "utf8mb4" });
        // A client that is gone leaves its transaction to be rolled back.
        const steps = Math.min(size.steps - step, 5 + random.below(30));
        for (let done = 0; done < steps; done++)
          await runStep({ connection, random, withRare }, `${seed}-${index}-${step + done}`);
        step += steps;
        if (random.chance(0.5)) connection.destroy();
        else await connection.end();
      }
    }),
  );
}

/**
 * Transactions that are seen open by whoever reads their records, and of which no whole table is compared: nothing mends
 * what is missed of them.
 */
export async function runLongTransactions(
  source: Mariadb,
  database: string,
  seed: string,
  connections: number,
): Promise<void> {
  await Promise.all(
    Array.from({ length: connections }, async (_, index) => {
      const random = createRandom(seed, `long transaction ${index}`);
      const settings = { ...source.rootConnection, database, charset: "utf8mb4" };
      const [connection, other] = await Promise.all([createConnection(settings), createConnection(settings)]);
      // Waiting for each other they would not be open at once.
      for (const client of [connection, other]) await client.query("SET innodb_lock_wait_timeout = 0");
      await attempt(connection, "BEGIN");
      await attempt(connection, "INSERT INTO auto (a) VALUES (100)");
      for (let count = 5; count > 0; count--) await attempt(connection, narrowWrite(random));
      // A later key is there before the earlier one.
      const later = attempt(other, "INSERT INTO auto (a) VALUES (101)");
      await delay(3_000);
      await attempt(connection, random.chance(0.9) ? "COMMIT" : "ROLLBACK");
      await later;
      await Promise.all([connection.end(), other.end()]);
    }),
  );
}

interface Client {
  readonly connection: Connection;
  readonly random: Random;
  readonly withRare: boolean;
}

async function runStep({ connection, random, withRare }: Client, id: string): Promise<void> {
  const dice = random.next();
  if (dice < 0.5) {
    await attempt(connection, anyWrite(random, withRare));
  } else if (dice < 0.97) {
    await attempt(connection, "BEGIN");
    for (let count = 1 + random.below(5); count > 0; count--) {
      if (random.chance(0.15)) await attempt(connection, "SAVEPOINT s");
      await attempt(connection, anyWrite(random, withRare));
      if (random.chance(0.15)) await attempt(connection, "ROLLBACK TO SAVEPOINT s");
      if (random.chance(0.1)) await delay(random.below(150));
    }
    await attempt(connection, random.chance(0.75) ? "COMMIT" : "ROLLBACK");
  } else {
    await attempt(connection, `XA START '${id}'`);
    await attempt(connection, anyWrite(random, withRare));
    await attempt(connection, `XA END '${id}'`);
    await attempt(connection, `XA PREPARE '${id}'`);
    await delay(random.below(150));
    await attempt(connection, random.chance(0.7) ? `XA COMMIT '${id}'` : `XA ROLLBACK '${id}'`);
    await attempt(connection, `XA ROLLBACK '${id}'`);
  }
}

/** Statements fail for many reasons: a key that is taken, a deadlock, a lock that another one holds. */
async function attempt(connection: Connection, sql: string): Promise<void> {
  try {
    await connection.query(sql);
  } catch (error) {
    if ((error as { errno?: number }).errno === undefined) throw error;
  }
}
