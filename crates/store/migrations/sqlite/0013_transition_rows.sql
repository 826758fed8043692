-- A transition of a group and its tasks is one row of the log. The columns hold its first event; `further_events` says how
-- many follow it, and `tasks` holds the task, kind and cause of each, packed. The row has the numbers of all of them.
ALTER TABLE events ADD COLUMN further_events INTEGER NOT NULL DEFAULT 0;
ALTER TABLE events ADD COLUMN tasks BLOB;

-- What is inserted here goes to the end of its account's log: the trigger takes the numbers and writes the row.
CREATE VIEW appended_events AS
    SELECT account_id, kind, cause, due_at, written_at, group_id, group_version, task_id, detail, further_events, tasks
    FROM events;
CREATE TRIGGER events_append INSTEAD OF INSERT ON appended_events BEGIN
    INSERT INTO event_counters (account_id, last) VALUES (NEW.account_id, 1 + NEW.further_events)
        ON CONFLICT (account_id) DO UPDATE SET last = last + excluded.last;
    INSERT INTO events (account_id, number, kind, cause, due_at, written_at, group_id, group_version, task_id, detail,
                        further_events, tasks)
        SELECT NEW.account_id, last - NEW.further_events, NEW.kind, NEW.cause, NEW.due_at, NEW.written_at, NEW.group_id,
               NEW.group_version, NEW.task_id, NEW.detail, NEW.further_events, NEW.tasks
        FROM event_counters WHERE account_id = NEW.account_id;
END;

-- Who turns with a group is read from this alone: the ids of its enabled tasks that are within their bounds.
CREATE INDEX tasks_following ON tasks (dial_time_id, account_id, bounds_change_at, resume, id)
    WHERE enabled AND within_bounds;

-- The counter of the ids that groups are given here is there before the first of them.
INSERT INTO sqlite_sequence (name, seq)
    SELECT 'fresh_group_ids', 0 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'fresh_group_ids');

-- Lists of running tasks are found and counted by these: enabled tasks without bounds, and those with bounds.
CREATE INDEX tasks_without_bounds ON tasks (account_id, dial_time_id, created_at, id)
    WHERE enabled AND start_at IS NULL AND stop_at IS NULL AND closures = '[]';
CREATE INDEX tasks_with_bounds ON tasks (account_id, dial_time_id)
    WHERE enabled AND (start_at IS NOT NULL OR stop_at IS NOT NULL OR closures <> '[]');
