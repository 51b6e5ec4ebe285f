/* leading */ UPDATE t SET a = 20 WHERE id = 1;
-- a line
UPDATE t SET a = 21 -- trailing
 WHERE id = 2;
# hash
UPDATE t /* inner ' quote */ SET b = '-- no comment' WHERE /* x */ id = 3;
/*!50000 UPDATE t SET a = 22 WHERE id = 4 */;
/*!99999999 UPDATE t SET a = 999 */;
/*M!100000 UPDATE t SET a = 23 WHERE id = 5 */;
/*!UPDATE*/ u SET a = 1;
UPDATE t SET a = 30 /*!99999 , b = 'never' */ WHERE id /*!40000 = 1 OR id */ = 2;
uPdAtE`t`seT`a`=31,b="double"wHeRe`id`=3;
((SELECT 1));
UPDATE t SET b = 'tab	and
newline' WHERE b = 'double';
UPDATE t SET a=1e1 WHERE id=.1e2-6;
