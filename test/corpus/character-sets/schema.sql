CREATE TABLE t (id INT PRIMARY KEY, l1 VARCHAR(20) CHARACTER SET latin1, u4 VARCHAR(20) CHARACTER SET utf8mb4, u3 VARCHAR(20) CHARACTER SET utf8mb3, bin VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin);
CREATE TABLE k (code VARCHAR(20) CHARACTER SET latin1 PRIMARY KEY, v INT);
INSERT INTO t VALUES (1, 'é', '😀', 'ü', 'A'), (2, 'ß', 'ss', 'ß', 'a'), (3, 'x', 'x', 'x', 'x');
INSERT INTO k VALUES ('é', 1), ('f', 2);
