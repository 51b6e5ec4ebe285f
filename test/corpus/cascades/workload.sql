UPDATE grand SET id = 20 WHERE id = 2;
DELETE FROM grand WHERE id = 1;
UPDATE grand SET code = 'B' WHERE code = 'b';
UPDATE parent SET id = 130 WHERE id = 13;
DELETE FROM parent WHERE v = 3;
DELETE FROM node WHERE id = 1;
REPLACE INTO node VALUES (5, NULL);
REPLACE INTO grand VALUES (3, 'cc');
