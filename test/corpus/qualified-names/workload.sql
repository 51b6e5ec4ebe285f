UPDATE DB.t SET a = 90 WHERE DB.t.id = 1;
UPDATE `DB`.`t` AS x SET x.a = 91 WHERE x.id = 2;
USE mysql;
UPDATE DB.t SET a = 92 WHERE id = 3;
INSERT INTO DB . u VALUES (60, 1, 'spaced');
DELETE FROM DB.u WHERE DB.u.id = 9;
DELETE x FROM DB.t AS x JOIN DB.u AS y ON x.id = y.id WHERE y.a = 20;
USE DB;
UPDATE .t SET a = 93 WHERE id = 5;
