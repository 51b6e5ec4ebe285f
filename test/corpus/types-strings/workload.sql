INSERT INTO t VALUES (1, 'pad ', REPEAT('é', 300), REPEAT('x', 255), 'nul\0 and \Z and \b \n \r \t \\ '' "', '😀', REPEAT('long ', 1000), 'ab', X'00FF5C27220A0D1A', X'00', X'5C', REPEAT(X'FF00', 5000), UNHEX(REPEAT('0123456789ABCDEF', 100)), 'b,c', 'x,ß', '{"a": [1, 2.50, "\\u00fc", null, true], "b": {"c": "d''e"}}');
INSERT INTO t VALUES (2, '', '', '', '', '', '', '', '', '', '', '', '', 'a', '', '[]');
INSERT INTO t (id) VALUES (3);
INSERT INTO t (id, e, s) VALUES (4, 'd''e', 'y z'), (5, 'ü', 'ß,x,y z');
SET sql_mode = '';
INSERT INTO t (id, e, s) VALUES (6, 'wrong', 'wrong,x');
INSERT INTO sets SELECT 1, 'äöü€', 'šž', 'ソ表能', 'ソ', '中文', '中文功', '中', '中😀', '中😀', '中', '中😀', 'ascii', X'FFFE00', 'ა', 'я';
INSERT INTO sets (id, sj, gb, b5, u2, u16) VALUES (2, _sjis X'835C', _gbk X'815C', _big5 X'A55C', _ucs2 X'005C0027', _utf16 X'005C0027');
UPDATE sets SET l1 = CONCAT(l1, '\'') WHERE id = 1;
