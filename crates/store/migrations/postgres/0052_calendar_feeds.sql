-- The addresses that calendars of accounts follow, and how their reading fares. Whoever reads one takes a turn, and writes down what came of it only
-- if nobody took another since: `turn` grows with each claim and each new address, and `due_at` is then when the claim ends.
CREATE TABLE calendar_feeds (
    calendar_id   TEXT    NOT NULL PRIMARY KEY REFERENCES account_calendars (calendar_id),
    account_id    UUID    NOT NULL REFERENCES accounts (id),
    url           TEXT    NOT NULL,
    unclear       TEXT,
    turn          BIGINT NOT NULL,
    due_at        BIGINT NOT NULL,
    read_at       BIGINT,
    changed_at    BIGINT,
    etag          TEXT,
    last_modified TEXT,
    digest        BYTEA,
    kept_days     BIGINT NOT NULL,
    failing_since BIGINT,
    failed_at     BIGINT,
    fault         TEXT,
    fault_detail  TEXT,
    published     BOOLEAN NOT NULL
);
CREATE INDEX calendar_feeds_by_account ON calendar_feeds (account_id);
CREATE INDEX calendar_feeds_by_due ON calendar_feeds (due_at);
