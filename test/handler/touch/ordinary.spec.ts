import { expect } from "chai";
import { autoIncrement, column, nullable, readerOf, table } from "./definitions";

const datetime = (name: string): ReturnType<typeof column> => column(name, "datetime(6)", nullable);
const id = column("id", "bigint unsigned", autoIncrement);

const tables = [
  table(
    "users",
    [
      id,
      column("email", "varchar(255)"),
      column("name", "varchar(255)", nullable),
      column("password", "varchar(255)"),
      column("remember_token", "varchar(100)", nullable),
      column("login_count", "int"),
      column("is_active", "tinyint(1)"),
      datetime("last_login"),
      datetime("created_at"),
      datetime("updated_at"),
      datetime("deleted_at"),
    ],
    { uniqueKeys: [["email"]] },
  ),
  table("orders", [
    id,
    column("user_id", "bigint unsigned"),
    column("status", "varchar(20)"),
    column("total", "decimal(10,2)"),
    column("version", "int"),
    column("lock_version", "int"),
    column("data", "json", nullable),
    datetime("created_at"),
    datetime("updated_at"),
    datetime("deleted_at"),
  ]),
  table(
    "order_items",
    [column("order_id", "bigint unsigned"), column("line", "int"), column("sku", "varchar(40)"), column("qty", "int")],
    { key: ["order_id", "line"] },
  ),
  table("products", [
    column("sku", "varchar(40)"),
    column("stock", "int"),
    column("price", "decimal(10,2)"),
    column("tags", "json", nullable),
  ]),
  table("sessions", [
    column("id", "varchar(128)"),
    column("user_id", "bigint unsigned", nullable),
    column("payload", "mediumtext"),
    column("last_activity", "int"),
    column("expires_at", "datetime", nullable),
    column("touched", "timestamp", nullable),
  ]),
  table("jobs", [
    id,
    column("queue", "varchar(255)"),
    column("payload", "longtext"),
    column("attempts", "tinyint unsigned"),
    column("reserved_at", "int unsigned", nullable),
    column("available_at", "int unsigned"),
    column("locked_by", "varchar(100)", nullable),
    datetime("run_at"),
    datetime("locked_at"),
  ]),
  table("counters", [column("name", "varchar(64)"), column("day", "date"), column("hits", "bigint unsigned")], {
    key: ["name", "day"],
  }),
  table("devices", [
    column("id", "binary(16)"),
    column("owner", "varchar(60)"),
    column("seen", "timestamp", { onUpdate: true }),
  ]),
  table(
    "wp_options",
    [
      column("option_id", "bigint unsigned", autoIncrement),
      column("option_name", "varchar(191)"),
      column("option_value", "longtext"),
      column("autoload", "varchar(20)"),
    ],
    { uniqueKeys: [["option_name"]] },
  ),
  table("wp_posts", [
    column("ID", "bigint unsigned", autoIncrement),
    column("post_author", "bigint unsigned"),
    column("post_title", "text"),
    column("post_content", "longtext"),
    column("post_status", "varchar(20)"),
    column("post_modified", "datetime"),
    column("comment_count", "bigint"),
  ]),
  table("wp_postmeta", [
    column("meta_id", "bigint unsigned", autoIncrement),
    column("post_id", "bigint unsigned"),
    column("meta_key", "varchar(255)", nullable),
    column("meta_value", "longtext", nullable),
  ]),
  table("likes", [column("user_id", "bigint unsigned"), column("post_id", "bigint unsigned"), datetime("created_at")], {
    key: ["user_id", "post_id"],
  }),
];

const read = readerOf(tables);
const nowMs = Date.UTC(2024, 4, 31, 12);
const now = { earliestMs: nowMs - 86_400_000, latestMs: nowMs };

function kinds(sql: string): readonly string[] {
  return read(sql, { now }).touches.map((touch) => (touch.kind === "all" ? `all: ${touch.reason}` : touch.kind));
}

const statements: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  Rails: {
    "UPDATE `orders` SET `orders`.`status` = 'paid', `orders`.`updated_at` = '2024-05-31 10:11:12.123456' WHERE `orders`.`id` = 42":
      ["keys"],
    "INSERT INTO `orders` (`user_id`, `status`, `total`, `version`, `created_at`, `updated_at`) VALUES (7, 'new', 19.99, 0, '2024-05-31 10:11:12.123456', '2024-05-31 10:11:12.123456')":
      ["tail"],
    "UPDATE `orders` SET `orders`.`status` = 'sent', `orders`.`lock_version` = 4 WHERE `orders`.`id` = 42 AND `orders`.`lock_version` = 3":
      ["keys"],
    "DELETE FROM `orders` WHERE `orders`.`id` = 42": ["keys"],
    "DELETE FROM `order_items` WHERE `order_items`.`order_id` = 42": ["where"],
    "UPDATE `users` SET `users`.`login_count` = COALESCE(`users`.`login_count`, 0) + 1 WHERE `users`.`id` = 7": [
      "keys",
    ],
    "UPDATE `orders` SET `orders`.`deleted_at` = '2024-05-31 10:11:12' WHERE `orders`.`deleted_at` IS NULL AND `orders`.`id` = 9":
      ["keys"],
    "INSERT INTO `users` (`email`,`name`,`password`,`created_at`,`updated_at`) VALUES ('a@b.c', 'Ann', 'x', CURRENT_TIMESTAMP(6), CURRENT_TIMESTAMP(6)) ON DUPLICATE KEY UPDATE updated_at=(CASE WHEN (`users`.`name`<=>VALUES(`name`)) THEN `users`.updated_at ELSE CURRENT_TIMESTAMP(6) END),`name`=VALUES(`name`)":
      ["tail", "where"],
    "INSERT IGNORE INTO `likes` (`user_id`,`post_id`,`created_at`) VALUES (1, 2, '2024-05-31 10:11:12'), (1, 3, '2024-05-31 10:11:12')":
      ["keys"],
    "UPDATE `orders` SET `orders`.`status` = 'late' WHERE `orders`.`id` IN (SELECT * FROM (SELECT `orders`.`id` FROM `orders` WHERE `orders`.`status` = 'new') AS x) AND `orders`.`status` = 'new'":
      ["where"],
    "UPDATE `jobs` SET `jobs`.`locked_at` = '2024-05-31 10:11:12', `jobs`.`locked_by` = 'host:a pid:1' WHERE ((run_at <= '2024-05-31 10:11:12' AND (locked_at IS NULL OR locked_at < '2024-05-31 06:11:12') OR locked_by = 'host:a pid:1')) ORDER BY run_at ASC LIMIT 1":
      ["where"],
  },
  Django: {
    "INSERT INTO `users` (`email`, `name`, `password`, `last_login`, `is_active`) VALUES ('a@b.c', 'Ann', 'pbkdf2_sha256$1', NULL, 1)":
      ["tail"],
    "UPDATE `users` SET `last_login` = '2024-05-31 10:11:12.123456' WHERE `users`.`id` = 7": ["keys"],
    "UPDATE `users` SET `is_active` = 0 WHERE (`users`.`is_active` AND `users`.`last_login` < '2023-05-31 00:00:00')": [
      "where",
    ],
    "DELETE FROM `order_items` WHERE `order_items`.`order_id` IN (1, 2, 3)": ["where"],
    "DELETE FROM `sessions` WHERE `sessions`.`expires_at` < '2024-05-31 10:11:12.123456'": ["where"],
    "UPDATE `products` SET `stock` = (`products`.`stock` - 2) WHERE (`products`.`sku` = 'A-1' AND `products`.`stock` >= 2)":
      ["keys"],
    "INSERT INTO `sessions` (`id`, `payload`, `expires_at`) VALUES ('9f86d081', 'e30:1', '2024-06-14 10:11:12.123456')":
      ["keys"],
  },
  Hibernate: {
    "update orders set status='paid', total=19.99, version=5 where id=42 and version=4": ["keys"],
    "insert into orders (status, total, user_id, version) values ('new', 19.99, 7, 0)": ["tail"],
    "delete from orders where id=42 and version=5": ["keys"],
    "update shop.orders o1_0 set o1_0.status='x' where o1_0.user_id=7": ["where"],
    "delete from order_items where order_id=42 and line=3 and sku='A-1'": ["keys"],
    "delete from order_items where (order_id, line) in ((42, 1), (42, 2))": ["keys"],
  },
  Prisma: {
    "UPDATE `shop`.`orders` SET `status` = 'paid' WHERE (`shop`.`orders`.`id` = 42 AND 1=1)": ["keys"],
    "UPDATE `shop`.`orders` SET `version` = (`version` + 1) WHERE (`shop`.`orders`.`id` IN (42) AND (`shop`.`orders`.`id` = 42 AND 1=1))":
      ["keys"],
    "INSERT INTO `shop`.`orders` (`user_id`,`status`,`total`,`version`) VALUES (7,'new',19.99,0)": ["tail"],
    "DELETE FROM `shop`.`orders` WHERE (`shop`.`orders`.`id` = 42 AND 1=1)": ["keys"],
    "INSERT INTO `shop`.`users` (`id`,`email`,`password`) VALUES (DEFAULT,'a@b.c','x')": ["keys", "tail"],
    "UPDATE `shop`.`users` SET `is_active` = false WHERE `shop`.`users`.`email` = 'a@b.c'": ["where"],
  },
  Laravel: {
    "insert into `users` (`name`, `email`, `password`, `updated_at`, `created_at`) values ('Ann', 'a@b.c', '$2y$10$x', '2024-05-31 10:11:12', '2024-05-31 10:11:12')":
      ["tail"],
    "update `users` set `remember_token` = 'abc' where `id` = 7": ["keys"],
    "update `users` set `deleted_at` = '2024-05-31 10:11:12', `users`.`updated_at` = '2024-05-31 10:11:12' where `id` = 7 and `users`.`deleted_at` is null":
      ["keys"],
    "update `sessions` set `payload` = 'YTozOntz', `last_activity` = 1717150272, `user_id` = 7 where `id` = 'k3J9'": [
      "keys",
    ],
    "delete from `sessions` where `last_activity` <= 1717143072": ["where"],
    "insert ignore into `sessions` (`payload`, `last_activity`, `user_id`, `id`) values ('YTo', 1717150272, null, 'k3J9')":
      ["keys"],
    "update `jobs` set `reserved_at` = 1717150272, `attempts` = 1 where `id` = 12": ["keys"],
    "delete from `jobs` where `id` = 12": ["keys"],
    "insert into `jobs` (`queue`, `attempts`, `reserved_at`, `available_at`, `payload`) values ('default', 0, null, 1717150272, '{\"job\":\"App\\\\\\\\Jobs\\\\\\\\Send\"}')":
      ["tail"],
    "update `orders` set `data` = json_set(`data`, '$.\"note\"', 'hello') where `id` = 42": ["keys"],
    "insert into `users` (`email`, `name`, `password`) values ('a@b.c', 'A', 'x'), ('d@e.f', 'D', 'y') on duplicate key update `name` = values(`name`)":
      ["tail", "where"],
  },
  WordPress: {
    "INSERT INTO `wp_options` (`option_name`, `option_value`, `autoload`) VALUES ('_transient_x', 'a:1:{i:0;s:1:\\\"b\\\";}', 'off') ON DUPLICATE KEY UPDATE `option_name` = VALUES(`option_name`), `option_value` = VALUES(`option_value`), `autoload` = VALUES(`autoload`)":
      ["tail", "where"],
    "UPDATE `wp_options` SET `option_value` = '1717150272' WHERE `option_name` = '_transient_timeout_x'": ["where"],
    "DELETE FROM `wp_options` WHERE `option_name` = '_transient_x'": ["where"],
    "UPDATE `wp_posts` SET `post_author` = 1, `post_title` = 'It\\'s here', `post_content` = '<p>a</p>\\n', `post_modified` = '2024-05-31 10:11:12' WHERE `ID` = 5":
      ["keys"],
    "INSERT INTO `wp_postmeta` (`post_id`, `meta_key`, `meta_value`) VALUES (5, '_edit_lock', '1717150272:1')": [
      "tail",
    ],
    "UPDATE `wp_postmeta` SET `meta_value` = '1717150272:1' WHERE `post_id` = 5 AND `meta_key` = '_edit_lock'": [
      "where",
    ],
    "DELETE FROM wp_postmeta WHERE meta_id IN( 11,12 )": ["keys"],
    "DELETE a, b FROM wp_options a, wp_options b WHERE a.option_name LIKE '\\\\_transient\\\\_%' AND a.option_name NOT LIKE '\\\\_transient\\\\_timeout\\\\_%' AND b.option_name = CONCAT( '_transient_timeout_', SUBSTRING( a.option_name, 12 ) ) AND b.option_value < 1717150272":
      ["where", "where"],
    "UPDATE wp_posts SET comment_count = comment_count + 1 WHERE ID = '5'": ["keys"],
  },
  "hand-written SQL": {
    "UPDATE users SET login_count = login_count + 1, last_login = NOW() WHERE id = 7 LIMIT 1": ["keys"],
    "UPDATE counters SET hits = hits + 1 WHERE name = 'home' AND day = '2024-05-31'": ["keys"],
    "INSERT INTO counters (name, day, hits) VALUES ('home', '2024-05-31', 1) ON DUPLICATE KEY UPDATE hits = hits + 1": [
      "keys",
    ],
    "INSERT INTO users (email, password) VALUES ('a@b.c', 'x') ON DUPLICATE KEY UPDATE id = LAST_INSERT_ID(id), login_count = login_count + 1":
      ["tail", "where"],
    "INSERT INTO users SET email = 'a@b.c', password = SHA2('secret', 256)": ["tail"],
    "REPLACE INTO counters VALUES ('home', '2024-05-31', 0)": ["keys"],
    "REPLACE INTO users (id, email, password) VALUES (7, 'a@b.c', 'x')": ["keys", "where"],
    "UPDATE jobs SET locked_by = 'w1', reserved_at = UNIX_TIMESTAMP() WHERE reserved_at IS NULL AND queue = 'mail' ORDER BY id LIMIT 1":
      ["where"],
    "UPDATE jobs SET reserved_at = NULL WHERE reserved_at < UNIX_TIMESTAMP() - 600": ["where"],
    "UPDATE orders o JOIN users u ON u.id = o.user_id SET o.status = 'vip' WHERE u.email = 'a@b.c' AND o.status = 'new'":
      ["where"],
    "DELETE o FROM orders o LEFT JOIN order_items i ON i.order_id = o.id WHERE i.order_id IS NULL AND o.status = 'cart'":
      ["where"],
    "UPDATE products SET price = ROUND(price * 1.1, 2) WHERE price BETWEEN 10 AND 20": ["where"],
    "UPDATE products SET tags = JSON_ARRAY_APPEND(tags, '$', 'new') WHERE sku = 'A-1'": ["keys"],
    "UPDATE orders SET status = IF(total > 100, 'big', 'small') WHERE status = 'new' AND MOD(id, 4) = 1": ["where"],
    "UPDATE orders SET status = CASE id WHEN 1 THEN 'a' WHEN 2 THEN 'b' END WHERE id IN (1, 2)": ["keys"],
    "DELETE FROM users WHERE LOWER(email) = 'a@b.c' AND COALESCE(login_count, 0) = 0": ["where"],
    "INSERT INTO order_items SELECT 42, 1, 'A-1', 2 FROM DUAL WHERE NOT EXISTS (SELECT 1 FROM order_items WHERE order_id = 42)":
      ["keys"],
    "INSERT INTO orders (user_id, status, total) SELECT user_id, 'again', total FROM orders WHERE id = 42": ["tail"],
    "INSERT INTO devices (id, owner) VALUES (UNHEX('0123456789abcdef0123456789abcdef'), 'ann') ON DUPLICATE KEY UPDATE owner = VALUES(owner)":
      ["keys"],
    "UPDATE devices SET owner = 'bob' WHERE id = 0x0123456789abcdef0123456789abcdef": ["keys"],
    "INSERT INTO likes VALUES (1, 2, NOW(6)) RETURNING post_id": ["keys"],
    "/* app=web,route=orders#show */ UPDATE orders SET status='seen' WHERE id=42": ["keys"],
    "UPDATE orders SET status='seen' WHERE id=42 /*controller:orders,action:show*/;": ["keys"],
    "UPDATE LOW_PRIORITY orders AS o SET o.status = 'x' WHERE o.id = 42 AND o.user_id = 7": ["keys"],
    "UPDATE orders SET status = 'x' WHERE (id = 1 OR id = 2) AND user_id = 7": ["keys"],
    "UPDATE orders SET data = '{\"a\": 1}' WHERE data->>'$.kind' = 3 OR JSON_EXTRACT(data, '$.n') = 7": ["where"],
  },
  housekeeping: {
    "DELETE FROM sessions WHERE expires_at < NOW()": ["where"],
    "DELETE FROM sessions WHERE expires_at < NOW() - INTERVAL 30 DAY LIMIT 1000": ["where"],
    "DELETE FROM sessions WHERE touched < DATE_SUB(NOW(), INTERVAL 2 HOUR)": ["where"],
    "DELETE FROM sessions WHERE last_activity < UNIX_TIMESTAMP() - 7200": ["where"],
    "DELETE FROM sessions WHERE last_activity < UNIX_TIMESTAMP(NOW() - INTERVAL 1 DAY)": ["where"],
    "DELETE FROM counters WHERE day < CURDATE() - INTERVAL 90 DAY ORDER BY day LIMIT 500": ["where"],
    "DELETE FROM orders WHERE created_at < '2023-01-01' AND status IN ('cart', 'failed')": ["where"],
    "UPDATE users SET is_active = 0 WHERE last_login < UTC_TIMESTAMP() - INTERVAL 1 YEAR AND is_active = 1": ["where"],
    "DELETE FROM jobs WHERE FROM_UNIXTIME(available_at) < NOW() - INTERVAL 7 DAY AND attempts > 5": ["where"],
    "UPDATE sessions SET expires_at = NOW() + INTERVAL 20 MINUTE WHERE id = 'abc' AND expires_at > NOW()": ["keys"],
    "DELETE FROM orders WHERE DATEDIFF(NOW(), created_at) > 30 AND status = 'cart'": ["where"],
    "DELETE FROM orders WHERE TIMESTAMPDIFF(DAY, created_at, NOW()) > 30": ["where"],
    "DELETE FROM orders WHERE created_at + INTERVAL 30 DAY < NOW()": ["where"],
    "DELETE FROM orders WHERE DATE_ADD(created_at, INTERVAL 30 DAY) < NOW()": ["where"],
    "DELETE FROM orders WHERE DATE(created_at) < CURRENT_DATE - INTERVAL 1 MONTH": ["where"],
    "DELETE FROM orders WHERE created_at < SUBDATE(CURDATE(), 30)": ["where"],
  },
};

describe("the touch of an ordinary statement", () => {
  for (const [origin, group] of Object.entries(statements)) {
    it(`is never a whole table when ${origin} wrote it`, () => {
      for (const [sql, expected] of Object.entries(group)) expect(kinds(sql), sql).to.deep.equal(expected);
    });
  }
});
