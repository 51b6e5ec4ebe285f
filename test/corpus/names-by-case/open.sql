BEGIN; UPDATE Mixed SET a = 8 WHERE id = 3;
