-- Every year of every calendar as it was by each revision, so that a past decision can be made again by the holidays that it rested on;
-- no document where the year was taken away. What was replaced before this migration is not here.
CREATE TABLE holiday_versions (
    calendar_id TEXT    NOT NULL,
    year        INTEGER NOT NULL,
    revision    INTEGER NOT NULL,
    document    TEXT,
    PRIMARY KEY (calendar_id, year, revision)
) STRICT;
INSERT INTO holiday_versions (calendar_id, year, revision, document)
    SELECT calendar_id, year, revision, CASE WHEN removed = 1 THEN NULL ELSE document END FROM holiday_imports;
