UPDATE `select` SET `from` = 10 WHERE `key` = 1;
UPDATE `select` SET `a``b` = 5, `c'd` = 6 WHERE `e"f` = 2 AND `g h` = 2;
DELETE FROM `select` WHERE `ünï` = 3;
INSERT INTO `-- x` VALUES (1, 2), (3, 4);
UPDATE `-- x` SET `;` = 9 WHERE `;` = 2;
INSERT INTO `weird``table` VALUES (1, 1);
REPLACE INTO `weird``table` SET id = 1, v = 2;
INSERT INTO `1` VALUES (1, 2);
UPDATE `1` SET `3` = 4 WHERE `2` = 1;
