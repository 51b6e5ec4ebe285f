/** The shop's applications. Each function is one round: a few statements, as such applications send them. */
import { type ApplicationConnection, type SqlValue } from "./applicationConnection";

/** More than the orders that will be there: some statements find nothing, as in real life. */
const highestOrder = 420;
const firstCustomers = 300;

export async function checkout(shop: ApplicationConnection): Promise<void> {
  const { random } = shop;
  await shop.run("START TRANSACTION");
  const order = await shop.insert("INSERT INTO orders (customer_id, remark) VALUES (?, ?)", [
    1 + random.below(firstCustomers),
    random.chance(0.2) ? "Please ring twice.\nIt's the\tblue door \\o/" : null,
  ]);
  const lines = Array.from({ length: 1 + random.below(4) }, (_, index): readonly SqlValue[] => [
    order ?? 0,
    index + 1,
    article(shop),
    1 + random.below(3),
    (490 + random.below(9000)) / 100,
  ]);
  const placed =
    order !== undefined &&
    (await shop.run("INSERT INTO order_lines (order_id, line, sku, quantity, price) VALUES ?", [lines])) &&
    (await shop.run(
      "UPDATE orders SET total = (SELECT SUM(quantity * price) FROM order_lines WHERE order_id = orders.id) WHERE id = ?",
      [order],
    ));
  // Some think better of it, and a deadlock has rolled everything back already.
  await shop.run(placed && !random.chance(0.15) ? "COMMIT" : "ROLLBACK");
}

export async function payments(shop: ApplicationConnection): Promise<void> {
  const order = 1 + shop.random.below(highestOrder);
  await shop.execute("UPDATE orders SET status = ? WHERE id = ? AND status = 'new'", ["paid", order]);
  if (shop.random.chance(0.1)) await shop.run("UPDATE orders SET status = 'cancelled' WHERE id = ?", [order]);
}

export async function dispatch(shop: ApplicationConnection, round: number): Promise<void> {
  const { random } = shop;
  const order = 1 + random.below(highestOrder);
  if (round % 3 === 0) await shop.run("CALL ship_order(?)", [order]);
  else
    await shop.run("UPDATE orders SET status = 'packed' WHERE status = 'paid' AND id BETWEEN ? AND ?", [
      order,
      order + 9,
    ]);
  if (random.chance(0.04)) await shop.run("DELETE FROM orders WHERE id = ?", [order]);
}

export async function accounts(shop: ApplicationConnection, round: number): Promise<void> {
  const { random } = shop;
  const customer = 1 + random.below(firstCustomers);
  switch (random.below(6)) {
    case 0:
      await shop.run("INSERT INTO customers (email, name, city, credit) VALUES ?", [
        newCustomers(round, 1 + random.below(5)),
      ]);
      break;
    case 1:
      await shop.run("UPDATE customers SET city = ?, note = ? WHERE email = ?", [
        random.pick(["Genève", "Tromsø", "Sankt Pölten", "南京"]),
        random.chance(0.5) ? "moved; new address -- see letter" : null,
        `customer${customer}@example.org`,
      ]);
      break;
    case 2:
      await shop.run(
        "INSERT INTO customers (email, name, city) VALUES (?, 'Walk-in', 'Oslo') ON DUPLICATE KEY UPDATE credit = credit + 5",
        [`customer${customer}@example.org`],
      );
      break;
    case 3:
      await shop.run("UPDATE customers SET credit = credit + ? WHERE id IN (?, ?)", [
        random.below(1000) / 100,
        customer,
        customer + 7,
      ]);
      break;
    case 4:
      // Often an address that is taken: the statement fails and changes nothing.
      await shop.run("INSERT INTO customers (email, name, city) VALUES (?, 'Twice', 'Bern')", [
        `customer${customer}@example.org`,
      ]);
      break;
    default:
      // Takes the customer's orders and their lines along, without a word in the log.
      await shop.run("DELETE FROM customers WHERE id = ?", [firstCustomers + random.below(400)]);
  }
}

export async function stockroom(shop: ApplicationConnection, round: number): Promise<void> {
  const { random } = shop;
  await shop.run("INSERT INTO stock_counts (sku, counted) VALUES (?, ?)", [article(shop), random.below(400)]);
  if (round % 10 === 5) await shop.run("UPDATE stock SET quantity = quantity + 50 WHERE quantity < 380");
  if (round % 60 === 30) await shop.run("UPDATE stock SET price = ROUND(price * 1.01, 2)");
  if (round % 80 === 79) await shop.run("TRUNCATE TABLE stock_counts");
}

function article(shop: ApplicationConnection): string {
  return `SKU${String(1 + shop.random.below(60)).padStart(3, "0")}`;
}

function newCustomers(round: number, count: number): readonly (readonly SqlValue[])[] {
  return Array.from({ length: count }, (_, index) => [
    `new${round}.${index}@example.org`,
    `New O'Customer ${round}`,
    "São Paulo",
    index * 2.5,
  ]);
}
