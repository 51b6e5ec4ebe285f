CREATE TABLE t (id INT PRIMARY KEY, a INT, b VARCHAR(40), c DATETIME NULL);
CREATE TABLE u (id INT PRIMARY KEY, a INT, b VARCHAR(40));
INSERT INTO t VALUES (1, 1, 'one', NULL), (2, 2, 'two', NULL), (3, 3, 'three', NULL), (4, 4, 'four', NULL), (5, 5, 'five', NULL);
INSERT INTO u VALUES (1, 10, 'x'), (2, 20, 'y'), (9, 90, 'z');
