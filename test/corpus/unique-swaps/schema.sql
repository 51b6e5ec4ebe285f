CREATE TABLE t (id INT PRIMARY KEY, place INT UNIQUE, label VARCHAR(10) UNIQUE);
INSERT INTO t VALUES (1, 1, 'a'), (2, 2, 'b'), (3, 3, 'c'), (4, 4, 'd'), (5, NULL, NULL), (6, NULL, NULL);
CREATE TABLE live (id INT PRIMARY KEY, email VARCHAR(20), gone INT, live VARCHAR(20) AS (IF(gone = 1, NULL, email)) VIRTUAL UNIQUE);
INSERT INTO live (id, email, gone) VALUES (1, 'a@x', 0), (2, 'b@x', 0), (3, 'a@x', 1);
CREATE TABLE prefix (id INT PRIMARY KEY, body TEXT, UNIQUE KEY (body(4)));
INSERT INTO prefix VALUES (1, 'abcd1'), (2, 'efgh2'), (3, 'ijkl3');
