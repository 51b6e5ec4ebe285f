SELECT 201, 1, 'loaded', NULL UNION ALL SELECT 202, 2, 'too', NULL INTO OUTFILE '@DIR@/load.txt';
LOAD DATA INFILE '@DIR@/load.txt' INTO TABLE t;
LOAD DATA INFILE '@DIR@/load.txt' REPLACE INTO TABLE t (id, @a, b, c) SET a = @a + 100;
UPDATE t SET b = 'after' WHERE id = 202;
