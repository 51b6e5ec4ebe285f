/** What one may try with the demonstration's tables, from the plain to the hard. */
import { type Session } from "../../handler/sql/connection";

export interface Example {
  readonly title: string;
  readonly sql: string;
}

/** Names rows that are there: which ones are differs from run to run. */
export async function demoExamples(shop: Session): Promise<readonly Example[]> {
  const rows = await shop.rows(
    `SELECT (SELECT MIN(id) FROM shop.orders WHERE status = 'new'), (SELECT MAX(id) FROM shop.orders WHERE status = 'paid'),
       (SELECT MIN(customer_id) FROM shop.orders WHERE status = 'packed')`,
    "looking for examples",
  );
  const [unpaid = "1", paid = "2", customer = "3"] = rows[0]?.map((id) => id?.toString()) ?? [];
  return [
    { title: "Pay an order", sql: `UPDATE orders SET status = 'paid' WHERE id = ${unpaid}` },
    {
      title: "New customer",
      sql: "INSERT INTO customers (email, name, city) VALUES (CONCAT(UUID_SHORT(), '@example.org'), 'Zoë Müller', '京都')",
    },
    { title: "Ship it (procedure)", sql: `CALL ship_order(${paid})` },
    {
      title: "Raise prices",
      sql: "UPDATE stock SET price = ROUND(price * 1.05, 2) WHERE sku BETWEEN 'SKU010' AND 'SKU012'",
    },
    { title: "Delete (cascade)", sql: `DELETE FROM customers WHERE id = ${customer}` },
    { title: "Roll back", sql: "START TRANSACTION;\nUPDATE stock SET quantity = 0;\nROLLBACK" },
    { title: "Begin …", sql: "START TRANSACTION;\nUPDATE customers SET note = 'not committed yet' WHERE id < 4" },
    { title: "… commit", sql: "COMMIT" },
  ];
}
