-- How far a line that is down has come on its way back, as its node says: 0 left alone until next_trial_at, 1 asked whether it is there, 2 to be
-- tried by a call, 3 tried by one.
ALTER TABLE lines_down ADD COLUMN recovery INTEGER NOT NULL DEFAULT 0;
