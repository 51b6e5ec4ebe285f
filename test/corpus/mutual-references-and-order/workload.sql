BEGIN; UPDATE a SET n = n + 1 WHERE tag = 'x'; DO SLEEP(0.05); UPDATE a SET tag = 'z' WHERE n = 2; COMMIT;
INSERT INTO a (n, tag) SELECT n, 'copied' FROM b;
BEGIN; DELETE FROM a WHERE tag = 'copied'; ROLLBACK;
