CREATE TABLE holiday_imports (
    calendar_id TEXT    NOT NULL,
    year        BIGINT NOT NULL,
    document    TEXT    NOT NULL,
    revision    BIGINT NOT NULL,
    imported_at BIGINT NOT NULL,
    PRIMARY KEY (calendar_id, year)
);
CREATE INDEX holiday_imports_by_revision ON holiday_imports (revision);
