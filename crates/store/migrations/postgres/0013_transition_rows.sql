-- A transition of a group and its tasks is one row of the log. The columns hold its first event; `further_events` says how
-- many follow it, and `tasks` holds the task, kind and cause of each, packed. The row has the numbers of all of them.
ALTER TABLE events ADD COLUMN further_events BIGINT NOT NULL DEFAULT 0;
ALTER TABLE events ADD COLUMN tasks BYTEA;
-- Random ids do not get smaller.
ALTER TABLE events ALTER COLUMN tasks SET STORAGE EXTERNAL;

-- Who turns with a group is read from this alone: the ids of its enabled tasks that are within their bounds.
CREATE INDEX tasks_following ON tasks (dial_time_id, account_id, bounds_change_at, resume, id)
    WHERE enabled AND within_bounds;

-- Lists of running tasks are found and counted by these: enabled tasks without bounds, and those with bounds.
CREATE INDEX tasks_without_bounds ON tasks (account_id, dial_time_id, created_at, id)
    WHERE enabled AND start_at IS NULL AND stop_at IS NULL AND closures = '[]';
CREATE INDEX tasks_with_bounds ON tasks (account_id, dial_time_id)
    WHERE enabled AND (start_at IS NOT NULL OR stop_at IS NOT NULL OR closures <> '[]');
