-- Attempts that have ended: the platform's records. A row is written once. It refers to nothing: tasks and accounts go at once, and
-- their records later or never.
CREATE TABLE attempts (
    account_id     UUID    NOT NULL,
    id             UUID    NOT NULL,
    task_id        UUID    NOT NULL,
    task_name      TEXT    NOT NULL,
    e164           BIGINT  NOT NULL,
    phone          TEXT    NOT NULL,
    details        TEXT    NOT NULL,
    line_id        UUID,
    caller_id      TEXT,
    script_id      BIGINT,
    class          TEXT    NOT NULL,
    -- The status that it gave its number; -1 when it counts no try.
    outcome        BIGINT  NOT NULL,
    code           BIGINT,
    phrase         TEXT,
    q850           BIGINT,
    is_local       BOOLEAN NOT NULL,
    ended_by       TEXT    NOT NULL,
    dialed_at      BIGINT  NOT NULL,
    ringing_at     BIGINT,
    early_media_at BIGINT,
    answered_at    BIGINT,
    ended_at       BIGINT  NOT NULL,
    is_simulated   BOOLEAN NOT NULL,
    PRIMARY KEY (account_id, id)
);
CREATE INDEX attempts_by_time ON attempts (account_id, dialed_at, id);
CREATE INDEX attempts_by_task ON attempts (account_id, task_id, dialed_at, id);
CREATE INDEX attempts_by_number ON attempts (account_id, e164, dialed_at, id);

-- How many attempts were dialed in each hour (counted from 1970, in UTC), by outcome.
CREATE TABLE attempt_hours (
    account_id UUID    NOT NULL,
    task_id    UUID    NOT NULL,
    hour       BIGINT  NOT NULL,
    outcome    BIGINT  NOT NULL,
    attempts   BIGINT  NOT NULL,
    PRIMARY KEY (account_id, task_id, hour, outcome)
);
