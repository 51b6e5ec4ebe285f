-- Dropping the default database leaves the session without one.
CREATE DATABASE `DB-gone`;
USE `DB-gone`;
DROP DATABASE `DB-gone`;
UPDATE DB.t SET a = 10 WHERE id = 1;
UPDATE t SET a = 11;
DELETE FROM `DB`.`u` WHERE id = 9;
INSERT INTO DB.u (id, a) SELECT id + 100, a FROM DB.t;
CALL DB.raise_t(4);
PREPARE p FROM 'UPDATE DB.t SET b = ? WHERE id = ?';
SET @b = 'prepared', @id = 5;
EXECUTE p USING @b, @id;
DELETE DB.t FROM DB.t JOIN DB.u ON DB.t.id = DB.u.id WHERE DB.u.a = 20;
REPLACE DB.u VALUES (1, 1, 'replaced');
