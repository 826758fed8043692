-- The addresses that calendars of accounts follow, and how their reading fares. Whoever reads one takes a turn, and writes down what came of it only
-- if nobody took another since: `turn` grows with each claim and each new address, and `due_at` is then when the claim ends.
CREATE TABLE calendar_feeds (
    calendar_id   TEXT    NOT NULL PRIMARY KEY REFERENCES account_calendars (calendar_id),
    account_id    BLOB    NOT NULL REFERENCES accounts (id),
    url           TEXT    NOT NULL,
    unclear       TEXT,
    turn          INTEGER NOT NULL,
    due_at        INTEGER NOT NULL,
    read_at       INTEGER,
    changed_at    INTEGER,
    etag          TEXT,
    last_modified TEXT,
    digest        BLOB,
    kept_days     INTEGER NOT NULL,
    failing_since INTEGER,
    failed_at     INTEGER,
    fault         TEXT,
    fault_detail  TEXT,
    published     INTEGER NOT NULL
) STRICT;
CREATE INDEX calendar_feeds_by_account ON calendar_feeds (account_id);
CREATE INDEX calendar_feeds_by_due ON calendar_feeds (due_at);
