-- The years of which the file at a calendar's address has repeating days alone, although it writes down days of others.
ALTER TABLE holiday_feeds ADD COLUMN only_repeated TEXT NOT NULL DEFAULT '[]';
