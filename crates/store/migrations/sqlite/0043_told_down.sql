-- The lines of which those who have a share of them were told that they are down, and not yet that they are up again.
CREATE TABLE lines_told_down (
    line_id BLOB PRIMARY KEY NOT NULL REFERENCES lines (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
