-- What a group makes of holidays, and the dates that are its own.

ALTER TABLE dial_time_groups ADD COLUMN holiday_calendar TEXT NOT NULL DEFAULT 'CN';
ALTER TABLE dial_time_groups ADD COLUMN makeup_policy TEXT NOT NULL DEFAULT 'as_is';
ALTER TABLE dial_time_groups ADD COLUMN beyond_horizon TEXT NOT NULL DEFAULT 'weekly';
ALTER TABLE dial_time_groups ADD COLUMN exceptions TEXT NOT NULL DEFAULT '[]';
