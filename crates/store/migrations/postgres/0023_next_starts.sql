-- When a task that spaces its calls may start the next one, over all nodes; NULL: at once.
ALTER TABLE number_lists ADD COLUMN next_start_at BIGINT;
