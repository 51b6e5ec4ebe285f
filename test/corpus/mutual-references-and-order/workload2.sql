BEGIN; INSERT INTO a (n, tag) VALUES (10, 'w2'); DO SLEEP(0.2); UPDATE b SET n = 7 WHERE n = 1; COMMIT;
UPDATE a SET tag = 'both' WHERE n > 1;
