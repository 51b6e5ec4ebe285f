DROP VIEW v, renamed, stacked, joined;
