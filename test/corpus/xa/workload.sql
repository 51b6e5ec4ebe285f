XA START 'one'; UPDATE t SET a = 10 WHERE id = 1; INSERT INTO u VALUES (50, 1, 'xa'); XA END 'one'; XA PREPARE 'one'; XA COMMIT 'one';
XA START 'two', 'branch', 5; UPDATE t SET a = 20 WHERE id = 2; XA END 'two', 'branch', 5; XA COMMIT 'two', 'branch', 5 ONE PHASE;
XA START 'three'; DELETE FROM t; XA END 'three'; XA PREPARE 'three'; XA ROLLBACK 'three';
XA START 'four'; UPDATE t SET a = a + 100 WHERE id > 2; UPDATE t SET a = a + 1 WHERE a > 100; XA END 'four'; XA PREPARE 'four';
XA RECOVER;
XA COMMIT 'four';
UPDATE t SET b = 'after' WHERE a > 100;
