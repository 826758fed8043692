-- Dial time groups, the tasks that dial in them, what was changed, and what was answered to repeated creates.

-- Ids count up over all accounts; every reference is by (account_id, id), so that none can cross accounts.
CREATE TABLE dial_time_groups (
    id           INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    account_id   BLOB    NOT NULL REFERENCES accounts (id),
    name         TEXT    NOT NULL,
    content      TEXT    NOT NULL,
    is_default   INTEGER NOT NULL,
    skip_holiday INTEGER NOT NULL,
    timezone     TEXT    NOT NULL,
    remark       TEXT,
    version      INTEGER NOT NULL,
    created_at   INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL,
    UNIQUE (account_id, id)
) STRICT;
-- At most one default per account.
CREATE UNIQUE INDEX dial_time_groups_default ON dial_time_groups (account_id) WHERE is_default;

-- How many groups an account has: counting them for every page would grow with their number. A table of its own
-- and not a column of accounts: its rows are always locked last, so that no two transactions wait for each other.
CREATE TABLE group_counts (
    account_id BLOB   NOT NULL PRIMARY KEY REFERENCES accounts (id),
    groups     INTEGER NOT NULL
) STRICT;
CREATE TRIGGER dial_time_groups_made AFTER INSERT ON dial_time_groups BEGIN
    INSERT INTO group_counts (account_id, groups) VALUES (NEW.account_id, 1)
        ON CONFLICT (account_id) DO UPDATE SET groups = groups + 1;
END;
CREATE TRIGGER dial_time_groups_gone AFTER DELETE ON dial_time_groups BEGIN
    UPDATE group_counts SET groups = groups - 1 WHERE account_id = OLD.account_id;
END;

CREATE TABLE tasks (
    id           BLOB    NOT NULL PRIMARY KEY,
    account_id   BLOB    NOT NULL REFERENCES accounts (id),
    generation   INTEGER NOT NULL,
    name         TEXT    NOT NULL,
    enabled      INTEGER NOT NULL,
    dial_time_id INTEGER NOT NULL,
    start_at     INTEGER,
    stop_at      INTEGER,
    closures     TEXT    NOT NULL,
    settings     TEXT    NOT NULL,
    created_at   INTEGER NOT NULL,
    altered_at   INTEGER,
    UNIQUE (account_id, id),
    FOREIGN KEY (account_id, dial_time_id) REFERENCES dial_time_groups (account_id, id)
) STRICT;
-- Without it every delete of a group would read all tasks.
CREATE INDEX tasks_by_group ON tasks (account_id, dial_time_id);
CREATE INDEX tasks_by_time ON tasks (account_id, created_at, id);

-- Append only: who changed what when, with the row as it was before. A group's old versions are its rows here.
CREATE TABLE audit (
    id         INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    at         INTEGER NOT NULL,
    actor      TEXT    NOT NULL,
    account_id BLOB    NOT NULL,
    subject    TEXT    NOT NULL,
    subject_id TEXT    NOT NULL,
    action     TEXT    NOT NULL,
    version    INTEGER,
    before     TEXT
) STRICT;
CREATE INDEX audit_by_subject ON audit (account_id, subject, subject_id, id);

-- The answers to creates that carried an Idempotency-Key.
CREATE TABLE idempotency_keys (
    partner_id BLOB    NOT NULL REFERENCES partners (id),
    key        TEXT    NOT NULL,
    request    BLOB    NOT NULL,
    answer     TEXT,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (partner_id, key)
) STRICT;
CREATE INDEX idempotency_keys_by_time ON idempotency_keys (created_at);
