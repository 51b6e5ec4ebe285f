INSERT INTO t (id, a, b) VALUES (20, 1, 'new'), (21, 2, 'other');
UPDATE t SET a = a * 30 WHERE a > 1;
DELETE FROM t WHERE id IN (1, 2);
REPLACE INTO t (id, a, b) VALUES (20, 3, 'again');
INSERT INTO t (id, a) VALUES (20, 4) ON DUPLICATE KEY UPDATE a = 77;
CREATE USER user@localhost;
GRANT ALL ON DB.* TO user@localhost;
CREATE DEFINER = user@localhost TRIGGER t_late AFTER DELETE ON t FOR EACH ROW INSERT INTO sums VALUES (OLD.id + 5000, 7);
DELETE FROM t WHERE id = 3;
