-- Who answered a call that is under way, as JSON, where its script asks for that; NULL: nobody asked, or it is not known yet.
ALTER TABLE open_attempts ADD COLUMN answerer TEXT;
