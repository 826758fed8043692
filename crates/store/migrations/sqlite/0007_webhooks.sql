-- Addresses that events are sent to, and what became of each event there.

-- `cursor` is the number of the last event that was looked at; `full` that too many deliveries are pending to look at more.
-- The secret must be at hand to sign with. Whoever holds the claim sends; it ends by itself.
CREATE TABLE webhooks (
    id              BLOB    NOT NULL PRIMARY KEY,
    account_id      BLOB    NOT NULL REFERENCES accounts (id),
    url             TEXT    NOT NULL,
    format          TEXT    NOT NULL,
    kinds           TEXT    NOT NULL,
    enabled         INTEGER NOT NULL,
    gave_up_at      INTEGER,
    secret          BLOB    NOT NULL,
    old_secret      BLOB,
    old_until       INTEGER,
    created_at      INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL,
    cursor          INTEGER NOT NULL,
    "full"          INTEGER NOT NULL DEFAULT 0,
    next_attempt_at INTEGER,
    claim           BLOB,
    claimed_until   INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX webhooks_by_account ON webhooks (account_id, id);

-- Pending as long as there is a next attempt. `number` is the event's; a test has none. Deliveries of one subject, a task or
-- a group, go one after the other.
CREATE TABLE webhook_deliveries (
    id              INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    webhook_id      BLOB    NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    number          INTEGER,
    kind            TEXT    NOT NULL,
    subject         TEXT    NOT NULL,
    created_at      INTEGER NOT NULL,
    since           INTEGER NOT NULL,
    attempts        INTEGER NOT NULL DEFAULT 0,
    next_attempt_at INTEGER,
    attempted_at    INTEGER,
    delivered       INTEGER NOT NULL DEFAULT 0,
    status          INTEGER,
    answer          TEXT,
    UNIQUE (webhook_id, number)
) STRICT;
CREATE INDEX webhook_deliveries_by_webhook ON webhook_deliveries (webhook_id, id);
CREATE INDEX webhook_deliveries_pending ON webhook_deliveries (webhook_id, subject, id) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX webhook_deliveries_by_time ON webhook_deliveries (created_at);
