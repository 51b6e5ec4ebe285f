-- Orders that wait to be shipped, what is in them, and the stock.
CREATE DATABASE warehouse;
USE warehouse;

CREATE TABLE to_ship (
  order_id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
  status ENUM('new', 'paid', 'packed', 'shipped', 'cancelled') NOT NULL,
  remark VARCHAR(200),
  placed_at DATETIME(3) NOT NULL
);

CREATE TABLE pick_lines (
  order_id BIGINT UNSIGNED NOT NULL,
  line SMALLINT UNSIGNED NOT NULL,
  sku CHAR(6) NOT NULL,
  quantity INT NOT NULL,
  PRIMARY KEY (order_id, line)
);

CREATE TABLE stock (
  sku CHAR(6) NOT NULL PRIMARY KEY,
  title VARCHAR(100) NOT NULL,
  price DECIMAL(8, 2) NOT NULL,
  quantity INT NOT NULL,
  reserved INT NOT NULL
);

CREATE TABLE stock_counts (
  id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
  sku CHAR(6) NOT NULL,
  counted INT NOT NULL
);
