UPDATE t SET a = NAME_CONST('v', 10) WHERE id = NAME_CONST('k', 1);
DELETE FROM t WHERE b = NAME_CONST('text', _utf8mb4'two' COLLATE 'utf8mb4_general_ci');
INSERT INTO u (id, a) VALUES (NAME_CONST('id', 50), NAME_CONST('n', NULL)), (NAME_CONST('id', -51), 1);
REPLACE INTO u SET id = NAME_CONST('id', 9), a = 1;
INSERT INTO u (id, a) SELECT NAME_CONST('id', 60), NAME_CONST('n', 1);
