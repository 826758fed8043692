-- Weekly windows that a task has of its own, as JSON; outside of them it does not dial.
ALTER TABLE tasks ADD COLUMN hours TEXT;

-- They are bounds, too.
DROP INDEX tasks_without_bounds;
DROP INDEX tasks_with_bounds;
CREATE INDEX tasks_without_bounds ON tasks (account_id, dial_time_id, created_at, id)
    WHERE enabled AND start_at IS NULL AND stop_at IS NULL AND closures = '[]' AND hours IS NULL;
CREATE INDEX tasks_with_bounds ON tasks (account_id, dial_time_id)
    WHERE enabled AND (start_at IS NOT NULL OR stop_at IS NOT NULL OR closures <> '[]' OR hours IS NOT NULL);
