DROP PROCEDURE raise_all;
