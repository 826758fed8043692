-- Which events of a call an account is told before it ends: a JSON array of their types.
ALTER TABLE accounts ADD COLUMN call_events TEXT NOT NULL DEFAULT '[]';
