-- Customers as they are; of an order only how it stands.
CREATE DATABASE crm;
USE crm;

CREATE TABLE customers (
  id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
  email VARCHAR(190) NOT NULL UNIQUE,
  name VARCHAR(100) NOT NULL,
  city VARCHAR(60) NOT NULL,
  credit DECIMAL(10, 2) NOT NULL,
  note TEXT,
  created_at TIMESTAMP(3) NOT NULL,
  updated_at TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3)
);

CREATE TABLE order_status (
  order_id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
  customer BIGINT UNSIGNED NOT NULL,
  state ENUM('new', 'paid', 'packed', 'shipped', 'cancelled') NOT NULL,
  amount DECIMAL(12, 2) NOT NULL,
  KEY customer (customer)
);
