-- Who is served next: webhooks that fail come after those that do not, and those that were served longest ago come first.
ALTER TABLE webhooks ADD COLUMN failures BIGINT NOT NULL DEFAULT 0;
ALTER TABLE webhooks ADD COLUMN served_at BIGINT NOT NULL DEFAULT 0;

-- Tests are sent beside all other deliveries of their webhook, so they are looked for by themselves.
CREATE INDEX webhook_deliveries_tests ON webhook_deliveries (next_attempt_at)
    WHERE number IS NULL AND next_attempt_at IS NOT NULL;
