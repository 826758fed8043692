-- How calls over each line ended, in slots of two minutes. Kept for a few days.
CREATE TABLE line_slots (
    line_id       BLOB NOT NULL,
    slot_at       INTEGER NOT NULL,
    attempts      INTEGER NOT NULL,
    answered      INTEGER NOT NULL,
    line_failures INTEGER NOT NULL,
    PRIMARY KEY (line_id, slot_at)
) STRICT, WITHOUT ROWID;
CREATE INDEX line_slots_by_time ON line_slots (slot_at);
