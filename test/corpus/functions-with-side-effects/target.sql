DROP VIEW noting; DROP FUNCTION note; DROP FUNCTION outer_note; DROP FUNCTION `odd name`; DROP FUNCTION `count`;
