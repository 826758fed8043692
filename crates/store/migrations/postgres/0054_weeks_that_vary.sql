-- Weeks that vary: seasons, what days off do, and more holiday calendars than the first.
ALTER TABLE dial_time_groups ADD COLUMN seasons TEXT NOT NULL DEFAULT '[]';
ALTER TABLE dial_time_groups ADD COLUMN holiday_policy TEXT NOT NULL DEFAULT 'closed';
ALTER TABLE dial_time_groups ADD COLUMN holiday_windows TEXT NOT NULL DEFAULT '[]';
ALTER TABLE dial_time_groups ADD COLUMN other_holiday_calendars TEXT NOT NULL DEFAULT '[]';
