-- The signalling of calls that have ended: JSON, compressed. Kept for a few days.
CREATE TABLE attempt_traces (
    account_id BLOB NOT NULL,
    attempt_id BLOB NOT NULL,
    ended_at   INTEGER NOT NULL,
    messages   BLOB NOT NULL,
    PRIMARY KEY (account_id, attempt_id)
) STRICT;
CREATE INDEX attempt_traces_by_time ON attempt_traces (ended_at);
