CREATE TABLE t (id INT PRIMARY KEY, a INT, b VARCHAR(40));
CREATE TABLE u (id INT PRIMARY KEY, a INT, b VARCHAR(40));
INSERT INTO t VALUES (1, 1, 'one'), (2, 2, 'two'), (3, 3, 'three'), (4, 4, 'four'), (5, 5, 'five');
INSERT INTO u VALUES (1, 10, 'x'), (2, 20, 'y'), (9, 90, 'z');
CREATE PROCEDURE raise_t(IN k INT) UPDATE t SET a = a + 100 WHERE id = k;
