-- Attempts that have ended: the platform's records. A row is written once. It refers to nothing: tasks and accounts go at once, and
-- their records later or never.
CREATE TABLE attempts (
    account_id     BLOB    NOT NULL,
    id             BLOB    NOT NULL,
    task_id        BLOB    NOT NULL,
    task_name      TEXT    NOT NULL,
    e164           INTEGER NOT NULL,
    phone          TEXT    NOT NULL,
    details        TEXT    NOT NULL,
    line_id        BLOB,
    caller_id      TEXT,
    script_id      INTEGER,
    class          TEXT    NOT NULL,
    -- The status that it gave its number; -1 when it counts no try.
    outcome        INTEGER NOT NULL,
    code           INTEGER,
    phrase         TEXT,
    q850           INTEGER,
    is_local       INTEGER NOT NULL,
    ended_by       TEXT    NOT NULL,
    dialed_at      INTEGER NOT NULL,
    ringing_at     INTEGER,
    early_media_at INTEGER,
    answered_at    INTEGER,
    ended_at       INTEGER NOT NULL,
    is_simulated   INTEGER NOT NULL,
    PRIMARY KEY (account_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX attempts_by_time ON attempts (account_id, dialed_at, id);
CREATE INDEX attempts_by_task ON attempts (account_id, task_id, dialed_at, id);
CREATE INDEX attempts_by_number ON attempts (account_id, e164, dialed_at, id);

-- How many attempts were dialed in each hour (counted from 1970, in UTC), by outcome.
CREATE TABLE attempt_hours (
    account_id BLOB    NOT NULL,
    task_id    BLOB    NOT NULL,
    hour       INTEGER NOT NULL,
    outcome    INTEGER NOT NULL,
    attempts   INTEGER NOT NULL,
    PRIMARY KEY (account_id, task_id, hour, outcome)
) STRICT, WITHOUT ROWID;
