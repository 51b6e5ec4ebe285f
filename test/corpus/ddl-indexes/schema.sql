CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, code VARCHAR(10), place INT, n INT DEFAULT 0, UNIQUE KEY place (place));
INSERT INTO t (code, place) VALUES ('a', 1), ('b', 2), ('c', 3), ('d', 4);
CREATE TABLE u (id INT PRIMARY KEY, a INT NOT NULL, UNIQUE KEY a (a));
INSERT INTO u VALUES (1, 1), (2, 2);
