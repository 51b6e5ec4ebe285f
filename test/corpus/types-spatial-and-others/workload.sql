INSERT INTO t VALUES (1, ST_GeomFromText('POINT(1 2)', 4326), POINT(-1.5, 1e10), ST_GeomFromText('LINESTRING(0 0, 1 1)'), ST_GeomFromText('POLYGON((0 0, 0 1, 1 1, 0 0))'), ST_GeomFromText('MULTIPOINT(0 0, 5 5)'), ST_GeomFromText('MULTILINESTRING((0 0, 1 1), (2 2, 3 3))'), ST_GeomFromText('MULTIPOLYGON(((0 0, 0 1, 1 1, 0 0)))'), ST_GeomFromText('GEOMETRYCOLLECTION(POINT(0 0), LINESTRING(1 1, 2 2))'), UUID(), 'fe80::1', '255.255.255.255');
INSERT INTO t (id) VALUES (2);
UPDATE t SET p = POINT(3, 4), g = ST_GeomFromText('POLYGON((0 0, 0 9, 9 9, 0 0))', 3857) WHERE id = 1;
INSERT INTO packed VALUES (1, REPEAT('a', 5000), REPEAT('b', 200)), (2, '', NULL);
UPDATE packed SET c = CONCAT(c, 'x') WHERE id = 1;
