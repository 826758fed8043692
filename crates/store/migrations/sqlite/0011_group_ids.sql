-- A group's key becomes its account and its id, so that two accounts may each bring a group of the same id along.

-- SQLite cannot change a table's key, so the table is made again. Rows that refer to groups find them again before the
-- transaction ends, which is when they are checked; only subscriptions would go with their groups, and are put back.
PRAGMA defer_foreign_keys = ON;
CREATE TABLE groups_before AS SELECT * FROM dial_time_groups;
CREATE TABLE subscriptions_before AS SELECT * FROM calendar_subscriptions;

-- Where the ids come from that groups are given here: they count up over all accounts, and none is given twice. A row
-- is made for each and deleted at once.
CREATE TABLE fresh_group_ids (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL
) STRICT;
INSERT INTO sqlite_sequence (name, seq) SELECT 'fresh_group_ids', seq FROM sqlite_sequence WHERE name = 'dial_time_groups';

-- The ids that each account brought along: the ids given here go round them, also when their groups are gone.
CREATE TABLE brought_group_ids (
    account_id BLOB    NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    id         INTEGER NOT NULL,
    PRIMARY KEY (account_id, id)
) STRICT, WITHOUT ROWID;

DROP TABLE dial_time_groups;
CREATE TABLE dial_time_groups (
    id               INTEGER NOT NULL,
    account_id       BLOB    NOT NULL REFERENCES accounts (id),
    name             TEXT    NOT NULL,
    content          TEXT    NOT NULL,
    is_default       INTEGER NOT NULL,
    skip_holiday     INTEGER NOT NULL,
    timezone         TEXT    NOT NULL,
    remark           TEXT,
    version          INTEGER NOT NULL,
    created_at       INTEGER NOT NULL,
    updated_at       INTEGER NOT NULL,
    holiday_calendar TEXT    NOT NULL DEFAULT 'CN',
    makeup_policy    TEXT    NOT NULL DEFAULT 'as_is',
    beyond_horizon   TEXT    NOT NULL DEFAULT 'weekly',
    exceptions       TEXT    NOT NULL DEFAULT '[]',
    told_open        INTEGER NOT NULL DEFAULT 0,
    told_at          INTEGER NOT NULL DEFAULT 0,
    told_revision    INTEGER NOT NULL DEFAULT -1,
    next_change_at   INTEGER,
    PRIMARY KEY (account_id, id)
) STRICT;
INSERT INTO dial_time_groups
    (id, account_id, name, content, is_default, skip_holiday, timezone, remark, version, created_at, updated_at,
     holiday_calendar, makeup_policy, beyond_horizon, exceptions, told_open, told_at, told_revision, next_change_at)
    SELECT id, account_id, name, content, is_default, skip_holiday, timezone, remark, version, created_at, updated_at,
           holiday_calendar, makeup_policy, beyond_horizon, exceptions, told_open, told_at, told_revision, next_change_at
    FROM groups_before;
INSERT INTO calendar_subscriptions SELECT * FROM subscriptions_before;
DROP TABLE groups_before;
DROP TABLE subscriptions_before;

CREATE UNIQUE INDEX dial_time_groups_default ON dial_time_groups (account_id) WHERE is_default;
CREATE INDEX dial_time_groups_by_next_change ON dial_time_groups (next_change_at, id);
CREATE INDEX dial_time_groups_by_told_revision ON dial_time_groups (told_revision, id);
-- After the rows, which were counted when they were made.
CREATE TRIGGER dial_time_groups_made AFTER INSERT ON dial_time_groups BEGIN
    INSERT INTO group_counts (account_id, groups) VALUES (NEW.account_id, 1)
        ON CONFLICT (account_id) DO UPDATE SET groups = groups + 1;
END;
CREATE TRIGGER dial_time_groups_gone AFTER DELETE ON dial_time_groups BEGIN
    UPDATE group_counts SET groups = groups - 1 WHERE account_id = OLD.account_id;
END;

DROP INDEX tasks_by_bounds_change;
CREATE INDEX tasks_by_bounds_change ON tasks (dial_time_id, account_id, bounds_change_at) WHERE bounds_change_at IS NOT NULL;

-- Fails when a row refers to nothing.
CREATE TABLE broken_references (rows INTEGER NOT NULL CHECK (rows = 0)) STRICT;
INSERT INTO broken_references SELECT count(*) FROM pragma_foreign_key_check;
DROP TABLE broken_references;
