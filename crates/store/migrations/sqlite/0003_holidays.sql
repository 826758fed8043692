-- Years of holiday calendars that were imported. They are laid over the calendars that come with the program, or are
-- calendars of their own.

CREATE TABLE holiday_imports (
    calendar_id TEXT    NOT NULL,
    year        INTEGER NOT NULL,
    document    TEXT    NOT NULL,
    revision    INTEGER NOT NULL,
    imported_at INTEGER NOT NULL,
    PRIMARY KEY (calendar_id, year)
) STRICT;
-- The newest revision is asked for wherever calendars are kept in memory.
CREATE INDEX holiday_imports_by_revision ON holiday_imports (revision);
