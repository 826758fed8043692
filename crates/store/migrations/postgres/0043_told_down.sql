-- The lines of which those who have a share of them were told that they are down, and not yet that they are up again.
CREATE TABLE lines_told_down (
    line_id UUID PRIMARY KEY REFERENCES lines (id) ON DELETE CASCADE
);
