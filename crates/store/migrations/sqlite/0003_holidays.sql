CREATE TABLE holiday_imports (
    calendar_id TEXT    NOT NULL,
    year        INTEGER NOT NULL,
    document    TEXT    NOT NULL,
    revision    INTEGER NOT NULL,
    imported_at INTEGER NOT NULL,
    PRIMARY KEY (calendar_id, year)
) STRICT;
CREATE INDEX holiday_imports_by_revision ON holiday_imports (revision);
