import { expect } from "chai";
import { runsInTrigger } from "../../../handler/source/innerStatement";

const ranByTriggers = [
  "UPDATE stock SET reserved = reserved + NEW.quantity WHERE sku = NEW.sku",
  "INSERT INTO log (what, ref) VALUES ('made', new.id)",
  "INSERT INTO log VALUES (`OLD`.`id`, 1) ON DUPLICATE KEY UPDATE n = n + 1",
  "INSERT INTO log SELECT OLD.id, 'gone'",
  "DELETE FROM log\n WHERE ref = OLD.id",
  "REPLACE INTO log SET ref = NEW . id",
];

/** A client can send each of these, or none of them shows who sent it. */
const fromClients = [
  "UPDATE stock SET note = 'NEW.sku'",
  "UPDATE stock /* NEW.sku */ SET n = 1",
  "UPDATE shop.new SET n = new.id",
  "UPDATE new SET n = new.id",
  "UPDATE new.stock SET n = 1",
  "UPDATE a, new.stock SET a.n = 1",
  "UPDATE stock SET n = new.stock.n",
  "UPDATE stock JOIN prices AS new ON new.sku = stock.sku SET n = new.n",
  "INSERT INTO log SELECT new.id FROM new.orders",
  "INSERT INTO log SELECT new.id FROM orders `new`",
  "DELETE FROM log WHERE ref IN (SELECT old.id FROM shop.old)",
  "INSERT INTO log (id, n) VALUES (1, 2) AS new ON DUPLICATE KEY UPDATE n = new.n",
  "INSERT INTO log VALUES ('\\', new.id, ')",
  "CALL p(NEW.id)",
];

describe("runsInTrigger", () => {
  for (const text of ranByTriggers) {
    it(`knows that only a trigger runs ${text}`, () => {
      expect(runsInTrigger(text)).to.equal(true);
    });
  }

  for (const text of fromClients) {
    it(`does not claim that a trigger ran ${text}`, () => {
      expect(runsInTrigger(text)).to.equal(false);
    });
  }
});
