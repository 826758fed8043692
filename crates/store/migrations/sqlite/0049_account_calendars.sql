-- The holiday calendars of accounts: whose each is, and what it is called. Their days are in holiday_imports, as those of all. It refers to nothing:
-- of an account that is gone the row stays, so that its calendar does not become everybody's.
CREATE TABLE account_calendars (
    calendar_id TEXT    NOT NULL PRIMARY KEY,
    account_id  BLOB    NOT NULL,
    name        TEXT    NOT NULL,
    created_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX account_calendars_by_account ON account_calendars (account_id, created_at);
