UPDATE t SET place = -place WHERE id IN (1, 2); UPDATE t SET place = 2 WHERE id = 1; UPDATE t SET place = 1 WHERE id = 2;
UPDATE t SET label = CONCAT('_', label) WHERE id <= 3; UPDATE t SET label = 'b' WHERE id = 1; UPDATE t SET label = 'c' WHERE id = 2; UPDATE t SET label = 'a' WHERE id = 3;
UPDATE t SET place = 3 WHERE id = 5 AND place IS NULL; UPDATE t SET place = 30 WHERE id = 3; UPDATE t SET place = 3 WHERE id = 5;
UPDATE live SET gone = 1 WHERE id = 1; INSERT INTO live (id, email, gone) VALUES (4, 'a@x', 0);
UPDATE live SET gone = 1 WHERE id = 4; UPDATE live SET gone = 0 WHERE id = 3; UPDATE live SET email = 'c@x' WHERE id = 2;
UPDATE prefix SET body = 'tmp' WHERE id = 1; UPDATE prefix SET body = 'abcd9' WHERE id = 2; UPDATE prefix SET body = 'efgh9' WHERE id = 1;
DELETE FROM prefix WHERE id = 3; INSERT INTO prefix VALUES (4, 'ijklm');
