DROP VIEW seen;
