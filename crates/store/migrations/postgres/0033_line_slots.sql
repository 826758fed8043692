-- How calls over each line ended, in slots of two minutes. Kept for a few days.
CREATE TABLE line_slots (
    line_id       UUID NOT NULL,
    slot_at       BIGINT NOT NULL,
    attempts      BIGINT NOT NULL,
    answered      BIGINT NOT NULL,
    line_failures BIGINT NOT NULL,
    PRIMARY KEY (line_id, slot_at)
);
CREATE INDEX line_slots_by_time ON line_slots (slot_at);
