CREATE TABLE `select` (`key` INT PRIMARY KEY, `from` INT, `a``b` INT, `c'd` INT, `e"f` INT, `g h` INT, `ünï` INT);
INSERT INTO `select` VALUES (1, 1, 1, 1, 1, 1, 1), (2, 2, 2, 2, 2, 2, 2), (3, 3, 3, 3, 3, 3, 3);
CREATE TABLE `-- x` (id INT PRIMARY KEY, `;` INT);
CREATE TABLE `weird``table` (id INT PRIMARY KEY, v INT);
CREATE TABLE `1` (`2` INT PRIMARY KEY, `3` INT);
