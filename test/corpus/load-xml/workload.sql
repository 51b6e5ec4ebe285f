SELECT '<list><row id="1" a="10"><b>replaced</b></row><row id="3"><a>3</a></row></list>' INTO OUTFILE '@DIR@/rows.xml';
LOAD XML INFILE '@DIR@/rows.xml' REPLACE INTO TABLE t ROWS IDENTIFIED BY '<row>';
LOAD XML INFILE '@DIR@/rows.xml' IGNORE INTO TABLE t ROWS IDENTIFIED BY '<row>' SET b = 'ignored';
UPDATE t SET b = 'after' WHERE id = 3;
