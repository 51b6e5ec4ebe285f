PREPARE p FROM 'UPDATE t SET a = ?, b = ? WHERE id = ?';
SET @a = 5, @b = 'it''s', @c = 3;
EXECUTE p USING @a, @b, @c;
DEALLOCATE PREPARE p;
EXECUTE IMMEDIATE 'INSERT INTO t (id, a) VALUES (?, ?)' USING 60, 61;
SET @sql = 'DELETE FROM t WHERE id = 1';
PREPARE p FROM @sql;
EXECUTE p;
EXECUTE IMMEDIATE CONCAT('UPDATE ', 'u', ' SET a = 0');
