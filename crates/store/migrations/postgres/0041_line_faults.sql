-- When a line that is down is asked or tried next, as its node says; NULL: now, or nobody knows.
ALTER TABLE lines_down ADD COLUMN next_trial_at BIGINT;

-- The last call in a slot that failed by its line's fault: when it ended, and with what code and words; NULL: none did.
ALTER TABLE line_slots ADD COLUMN failed_at BIGINT;
ALTER TABLE line_slots ADD COLUMN failed_code BIGINT;
ALTER TABLE line_slots ADD COLUMN failed_phrase TEXT;
