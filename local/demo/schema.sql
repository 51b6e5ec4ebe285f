-- The shop that the demonstration's applications write to.
CREATE DATABASE shop;
USE shop;

CREATE TABLE customers (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  email VARCHAR(190) NOT NULL UNIQUE,
  name VARCHAR(100) NOT NULL,
  city VARCHAR(60) NOT NULL,
  credit DECIMAL(10, 2) NOT NULL DEFAULT 0,
  note TEXT,
  created_at TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  updated_at TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3)
);

CREATE TABLE stock (
  sku CHAR(6) NOT NULL PRIMARY KEY,
  title VARCHAR(100) NOT NULL,
  price DECIMAL(8, 2) NOT NULL,
  quantity INT NOT NULL,
  reserved INT NOT NULL DEFAULT 0
);

CREATE TABLE orders (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  customer_id BIGINT UNSIGNED NOT NULL,
  status ENUM('new', 'paid', 'packed', 'shipped', 'cancelled') NOT NULL DEFAULT 'new',
  total DECIMAL(12, 2) NOT NULL DEFAULT 0,
  remark VARCHAR(200),
  placed_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  shipped_at DATETIME(3),
  KEY status (status),
  FOREIGN KEY (customer_id) REFERENCES customers (id) ON DELETE CASCADE
);

CREATE TABLE order_lines (
  order_id BIGINT UNSIGNED NOT NULL,
  line SMALLINT UNSIGNED NOT NULL,
  sku CHAR(6) NOT NULL,
  quantity INT NOT NULL,
  price DECIMAL(8, 2) NOT NULL,
  PRIMARY KEY (order_id, line),
  FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE CASCADE,
  FOREIGN KEY (sku) REFERENCES stock (sku)
);

-- Emptied whenever a count is over.
CREATE TABLE stock_counts (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  sku CHAR(6) NOT NULL,
  counted INT NOT NULL
);

INSERT INTO customers (email, name, city)
WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 300)
SELECT CONCAT('customer', n, '@example.org'), CONCAT('Customer ', n), ELT(1 + n % 5, 'Oslo', 'Zürich', 'Łódź', 'Malmö', '京都')
FROM number;

INSERT INTO stock (sku, title, price, quantity)
WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 60)
SELECT CONCAT('SKU', LPAD(n, 3, '0')), CONCAT('Article ', n), 4.90 + n * 1.35, 400 FROM number;

DELIMITER //

-- What no statement of an application says: placing an order reserves its articles.
CREATE TRIGGER reserve_stock AFTER INSERT ON order_lines FOR EACH ROW
BEGIN
  UPDATE stock SET reserved = reserved + NEW.quantity WHERE sku = NEW.sku;
END//

CREATE PROCEDURE ship_order(IN shipped BIGINT UNSIGNED)
BEGIN
  UPDATE stock JOIN order_lines ON order_lines.sku = stock.sku
    SET stock.quantity = stock.quantity - order_lines.quantity, stock.reserved = stock.reserved - order_lines.quantity
    WHERE order_lines.order_id = shipped;
  UPDATE orders SET status = 'shipped', shipped_at = NOW(3) WHERE id = shipped;
END//

DELIMITER ;
