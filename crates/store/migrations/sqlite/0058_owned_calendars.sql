-- Holiday calendars that belong to a partner or to an account: whose each is (`level` and `subject` are as those of stops), and what it is called.
-- Their days are in holiday_imports, as those of all. It refers to nothing: of an owner that is gone the row stays, so that its calendar does not
-- become everybody's.
CREATE TABLE owned_calendars (
    calendar_id TEXT    NOT NULL PRIMARY KEY,
    level       TEXT    NOT NULL,
    subject     BLOB    NOT NULL,
    name        TEXT    NOT NULL,
    created_at  INTEGER NOT NULL
) STRICT;
INSERT INTO owned_calendars (calendar_id, level, subject, name, created_at)
    SELECT calendar_id, 'account', account_id, name, created_at FROM account_calendars;
CREATE INDEX owned_calendars_by_subject ON owned_calendars (level, subject, created_at);

-- The addresses that calendars follow, as before, with their owner instead of an account (the installation too), and with the entries of the last file that were not understood.
CREATE TABLE holiday_feeds (
    calendar_id   TEXT    NOT NULL PRIMARY KEY,
    level         TEXT    NOT NULL,
    subject       BLOB    NOT NULL,
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
    not_understood TEXT   NOT NULL DEFAULT '[]',
    failing_since INTEGER,
    failed_at     INTEGER,
    fault         TEXT,
    fault_detail  TEXT,
    published     INTEGER NOT NULL
) STRICT;
INSERT INTO holiday_feeds (calendar_id, level, subject, url, unclear, turn, due_at, read_at, changed_at, etag, last_modified, digest, kept_days,
                           failing_since, failed_at, fault, fault_detail, published)
    SELECT calendar_id, 'account', account_id, url, unclear, turn, due_at, read_at, changed_at, etag, last_modified, digest, kept_days,
           failing_since, failed_at, fault, fault_detail, published FROM calendar_feeds;
CREATE INDEX holiday_feeds_by_subject ON holiday_feeds (level, subject);
CREATE INDEX holiday_feeds_by_due ON holiday_feeds (due_at);
DROP TABLE calendar_feeds;
DROP TABLE account_calendars;
