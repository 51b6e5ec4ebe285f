UPDATE t SET a = 10 + 0 * LENGTH("a text that is longer than what the log keeps of a statement, condition and all") WHERE id = 1;
INSERT INTO u (id, a, b) VALUES (50, 1, 'the first row'), (51, 2, 'the second row'), (52, 3, 'the third row'), (53, 4, 'x');
/* a comment that takes all the room that there is for a statement, and then some more of that */ DELETE FROM t WHERE id = 2;
WITH x AS (SELECT 'a query in front of the statement that takes all of the room that there is for it' AS y) SELECT * FROM x;
DELETE FROM t WHERE id = 3 AND a IN (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23) OR id = 5;
UPDATE t SET b = 'shorter' WHERE id = 4;
SELECT 'a long text before a function                                                                   ', 1; CALL raise_all();
UPDATE t JOIN (SELECT id, 'a long and winding text that goes on for a while' AS y FROM u) AS long_name USING (id) SET t.a = 100;
