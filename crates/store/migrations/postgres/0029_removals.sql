-- Accounts and webhooks that were deleted and of which there are rows left, for there may be millions: they go in the background. `stage` is which of
-- their tables comes next, and `place` how far that one is.
CREATE TABLE removals (
    id         UUID   NOT NULL PRIMARY KEY,
    kind       TEXT   NOT NULL,
    stage      BIGINT NOT NULL,
    place      BIGINT NOT NULL,
    removed_at BIGINT NOT NULL
);
CREATE INDEX removals_by_time ON removals (removed_at, id);

-- What goes later refers to nothing that goes at once.
ALTER TABLE do_not_call DROP CONSTRAINT do_not_call_account_id_fkey;
ALTER TABLE webhook_deliveries DROP CONSTRAINT webhook_deliveries_webhook_id_fkey;
