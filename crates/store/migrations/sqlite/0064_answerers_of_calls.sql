-- Of calls that are under way: who answered, and what was heard before the answer, where the script asks for that; and the steps that they came to.
-- All as JSON; NULL: nobody asked, or nothing is known yet.
ALTER TABLE open_attempts ADD COLUMN answerer TEXT;
ALTER TABLE open_attempts ADD COLUMN early_answerer TEXT;
ALTER TABLE open_attempts ADD COLUMN steps TEXT;
-- The same of those that have ended; who answered stands in columns of its own.
ALTER TABLE attempts ADD COLUMN early_answerer TEXT;
ALTER TABLE attempts ADD COLUMN steps TEXT;
