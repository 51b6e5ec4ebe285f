UPDATE v SET a = a + 1 WHERE id = 1;
DELETE FROM v WHERE b = 'two';
INSERT INTO v VALUES (80, 8, 'by view');
UPDATE renamed SET val = 6 WHERE k = 9;
UPDATE stacked SET val = val + 1;
UPDATE joined SET ub = 'joined' WHERE tid = 1;
DELETE FROM stacked WHERE k = 2;
