INSERT INTO t VALUES (4, 4, DEFAULT, DEFAULT);
INSERT INTO t (id, n, hidden) VALUES (5, 5, 'set');
UPDATE t SET n = 10 WHERE twice = 4;
UPDATE t SET hidden = 'x' WHERE thrice > 8;
DELETE FROM t WHERE thrice = 3;
INSERT INTO auto_hidden VALUES (1), (2);
UPDATE auto_hidden SET v = v + 1;
