-- The override of a group, in JSON: what a person set it to for a while, why and who. It stays when it has ended, until another takes its place.
ALTER TABLE dial_time_groups ADD COLUMN override_set TEXT;
