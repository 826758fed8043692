-- The signalling of calls that have ended: JSON, compressed. Kept for a few days.
CREATE TABLE attempt_traces (
    account_id UUID NOT NULL,
    attempt_id UUID NOT NULL,
    ended_at   BIGINT NOT NULL,
    messages   BYTEA NOT NULL,
    PRIMARY KEY (account_id, attempt_id)
);
CREATE INDEX attempt_traces_by_time ON attempt_traces (ended_at);
