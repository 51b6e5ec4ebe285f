DELIMITER //
UPDATE t SET a = 10 WHERE id = 1; UPDATE u SET a = 11 WHERE id = 1; /* between */ DELETE FROM t WHERE id = 5; -- the end
//
UPDATE t SET b = 'a;b' WHERE id = 2; UPDATE t SET b = "it's; \"so\"" WHERE b = 'a;b'; # hash; UPDATE t SET a = 0
//
UPDATE u SET a = 12 WHERE id = 2; INSERT INTO u VALUES (1, 0, 'twice'); UPDATE t SET a = 999 //
CREATE PROCEDURE p(IN k INT) BEGIN UPDATE t SET a = a + 1 WHERE id = k; IF k > 2 THEN DELETE FROM u WHERE id = k; INSERT INTO u VALUES (k, k, 'p'); END IF; END; CALL p(3); UPDATE t SET b = 'behind a body' WHERE id = 4 //
CREATE TRIGGER t_au AFTER UPDATE ON t FOR EACH ROW BEGIN DECLARE n INT DEFAULT 1; SET n = n + 1; INSERT INTO u VALUES (NEW.id + 1000, n, 'trigger') ON DUPLICATE KEY UPDATE a = a + 1; END; UPDATE t SET a = a + 1 WHERE id = 1; DROP TRIGGER t_au; UPDATE t SET a = a + 1 WHERE id = 2 //
SET sql_mode = 'ANSI_QUOTES'; UPDATE "t" SET "b" = 'ansi' WHERE "id" = 1; SET sql_mode = DEFAULT; UPDATE t SET b = "not ansi" WHERE id = 3 //
DO 1; USE mysql; UPDATE DB.t SET a = 77 WHERE id = 1; USE DB; UPDATE t SET a = 78 WHERE id = 3 //
BEGIN; UPDATE u SET a = 500 WHERE id = 2; ROLLBACK; BEGIN; UPDATE u SET b = 'kept' WHERE id = 2; COMMIT //
DELIMITER ;
