-- What another process can end the call with, in the words of its carrier. NULL: nothing, or nothing is known yet.
ALTER TABLE open_attempts ADD COLUMN handle TEXT;
