-- What events have said of a group is called published.

ALTER TABLE dial_time_groups RENAME COLUMN told_open TO published_open;
ALTER TABLE dial_time_groups RENAME COLUMN told_at TO published_at;
ALTER TABLE dial_time_groups RENAME COLUMN told_revision TO published_revision;
DROP INDEX dial_time_groups_by_told_revision;
CREATE INDEX dial_time_groups_by_published_revision ON dial_time_groups (published_revision, id);
ALTER TABLE told_with RENAME TO published_with;
