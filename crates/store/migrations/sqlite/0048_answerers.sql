-- Who answered, why that is so, and when it was clear, in milliseconds since the answer; NULL: the script did not ask, or nothing was heard. And when
-- the last beep began.
ALTER TABLE attempts ADD COLUMN answered_by TEXT;
ALTER TABLE attempts ADD COLUMN answerer_reason TEXT;
ALTER TABLE attempts ADD COLUMN answerer_after INTEGER;
ALTER TABLE attempts ADD COLUMN beep_after INTEGER;
