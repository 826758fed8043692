-- Addresses from which calendar programs read a group's calendar. Only the hash of an address's key is kept.

CREATE TABLE calendar_subscriptions (
    id         BLOB NOT NULL PRIMARY KEY,
    account_id BLOB NOT NULL,
    group_id   INTEGER NOT NULL,
    hash       BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    FOREIGN KEY (account_id, group_id) REFERENCES dial_time_groups (account_id, id) ON DELETE CASCADE
) STRICT;
CREATE UNIQUE INDEX calendar_subscriptions_by_hash ON calendar_subscriptions (hash);
CREATE INDEX calendar_subscriptions_by_group ON calendar_subscriptions (account_id, group_id, id);
