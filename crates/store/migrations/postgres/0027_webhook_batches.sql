-- How many events a request has at most; with more than one, requests hold lists. `batches` is the number of the last list.
ALTER TABLE webhooks ADD COLUMN batch BIGINT NOT NULL DEFAULT 1;
ALTER TABLE webhooks ADD COLUMN batches BIGINT NOT NULL DEFAULT 0;
-- The list that a delivery is sent in, as a whole and again as a whole; none of one that is sent by itself, or not yet.
ALTER TABLE webhook_deliveries ADD COLUMN batch BIGINT;
