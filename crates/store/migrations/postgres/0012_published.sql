-- What events have said of a group is called published.

ALTER TABLE dial_time_groups RENAME COLUMN told_open TO published_open;
ALTER TABLE dial_time_groups RENAME COLUMN told_at TO published_at;
ALTER TABLE dial_time_groups RENAME COLUMN told_revision TO published_revision;
ALTER INDEX dial_time_groups_by_told_revision RENAME TO dial_time_groups_by_published_revision;
ALTER TABLE told_with RENAME TO published_with;
ALTER TABLE published_with RENAME CONSTRAINT told_with_pkey TO published_with_pkey;
ALTER TABLE published_with RENAME CONSTRAINT told_with_only_row_check TO published_with_only_row_check;
