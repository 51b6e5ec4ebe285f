DELETE FROM parent WHERE id = 1;
UPDATE parent SET id = 30 WHERE id = 3;
