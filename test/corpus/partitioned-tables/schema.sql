CREATE TABLE t (id INT, region INT, v VARCHAR(20), PRIMARY KEY (id, region)) PARTITION BY LIST (region) (PARTITION p0 VALUES IN (1, 2), PARTITION p1 VALUES IN (3, 4), PARTITION p2 VALUES IN (5));
CREATE TABLE outside (id INT, region INT, v VARCHAR(20), PRIMARY KEY (id, region));
INSERT INTO t VALUES (1, 1, 'a'), (2, 2, 'b'), (3, 3, 'c'), (4, 4, 'd'), (5, 5, 'e');
INSERT INTO outside VALUES (30, 3, 'x'), (31, 4, 'y');
