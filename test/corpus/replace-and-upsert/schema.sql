CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, email VARCHAR(40) UNIQUE, x INT, y INT, n INT NOT NULL DEFAULT 0, UNIQUE KEY xy (x, y));
INSERT INTO t (email, x, y) VALUES ('a@x', 1, 1), ('b@x', 1, 2), ('c@x', 2, 1), (NULL, NULL, 1), (NULL, NULL, 1);
