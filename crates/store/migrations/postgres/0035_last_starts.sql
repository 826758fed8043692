-- When a task that spaces its calls started the last one, over all nodes: the next follows by its interval as that is then. NULL: none yet.
ALTER TABLE number_lists RENAME COLUMN next_start_at TO last_start_at;
UPDATE number_lists SET last_start_at = NULL;
