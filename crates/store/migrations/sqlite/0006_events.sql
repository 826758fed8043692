-- What happened, in order, for whoever follows. Each account counts its own events, without a gap.

-- No foreign keys: events outlive what they are about, and accounts are never deleted.
CREATE TABLE events (
    account_id    BLOB    NOT NULL,
    number        INTEGER NOT NULL,
    kind          TEXT    NOT NULL,
    cause         TEXT    NOT NULL,
    due_at        INTEGER NOT NULL,
    written_at    INTEGER NOT NULL,
    group_id      INTEGER,
    group_version INTEGER,
    task_id       BLOB,
    detail        TEXT,
    PRIMARY KEY (account_id, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX events_by_time ON events (written_at);

-- The number of each account's last event. Its row is the last that a transaction locks.
CREATE TABLE event_counters (
    account_id BLOB    NOT NULL PRIMARY KEY REFERENCES accounts (id),
    last       INTEGER NOT NULL
) STRICT;

-- What the events have said of a group so far: whether it is open, up to which instant, by which revision of the
-- holidays; and when there is something to say again, about it or about a task in it.
ALTER TABLE dial_time_groups ADD COLUMN told_open INTEGER NOT NULL DEFAULT 0;
ALTER TABLE dial_time_groups ADD COLUMN told_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE dial_time_groups ADD COLUMN told_revision INTEGER NOT NULL DEFAULT -1;
ALTER TABLE dial_time_groups ADD COLUMN next_change_at INTEGER;
CREATE INDEX dial_time_groups_by_next_change ON dial_time_groups (next_change_at, id);
CREATE INDEX dial_time_groups_by_told_revision ON dial_time_groups (told_revision, id);

-- Of an enabled task: whether its own limits allow calls as far as was told, and when that changes next.
ALTER TABLE tasks ADD COLUMN resume TEXT NOT NULL DEFAULT 'auto';
ALTER TABLE tasks ADD COLUMN within_bounds INTEGER NOT NULL DEFAULT 1;
ALTER TABLE tasks ADD COLUMN bounds_change_at INTEGER;
DROP INDEX tasks_by_group;
-- Without it every delete of a group would read all tasks.
CREATE INDEX tasks_by_group ON tasks (dial_time_id, account_id);
CREATE INDEX tasks_by_bounds_change ON tasks (dial_time_id, bounds_change_at) WHERE bounds_change_at IS NOT NULL;

-- Nothing was told yet.
UPDATE dial_time_groups SET told_at = unixepoch() * 1000000, next_change_at = unixepoch() * 1000000;
UPDATE tasks SET bounds_change_at = unixepoch() * 1000000
    WHERE enabled AND (start_at IS NOT NULL OR stop_at IS NOT NULL OR closures <> '[]');

-- What the schedules were last made from beside the database: the program's own holidays and zones.
CREATE TABLE told_with (
    only_row INTEGER NOT NULL PRIMARY KEY CHECK (only_row = 1),
    data     TEXT    NOT NULL
) STRICT;

-- Who was told that a holiday calendar is known for a few more weeks only.
CREATE TABLE horizon_notices (
    account_id  BLOB NOT NULL,
    calendar_id TEXT NOT NULL,
    known_until TEXT NOT NULL,
    PRIMARY KEY (account_id, calendar_id, known_until)
) STRICT;
