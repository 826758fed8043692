-- Addresses from which calendar programs read a group's calendar. Only the hash of an address's key is kept.

CREATE TABLE calendar_subscriptions (
    id         UUID NOT NULL PRIMARY KEY,
    account_id UUID NOT NULL,
    group_id   BIGINT NOT NULL,
    hash       BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    FOREIGN KEY (account_id, group_id) REFERENCES dial_time_groups (account_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX calendar_subscriptions_by_hash ON calendar_subscriptions (hash);
CREATE INDEX calendar_subscriptions_by_group ON calendar_subscriptions (account_id, group_id, id);
