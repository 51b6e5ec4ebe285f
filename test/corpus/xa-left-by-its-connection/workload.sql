XA START 'left'; UPDATE t SET a = a + 100 WHERE id > 2; DELETE FROM u WHERE id = 9; INSERT INTO u VALUES (60, 6, 'xa'); XA END 'left'; XA PREPARE 'left';
