-- Before-images are compressed when that makes them shorter, by zlib (RFC 1950); then `before` is NULL. Older ones stay as they are.
ALTER TABLE audit ADD COLUMN before_compressed BYTEA;

-- One row that is written now and then to find out whether the database takes writes.
CREATE TABLE write_checks (
    only_row   BIGINT NOT NULL PRIMARY KEY CHECK (only_row = 1),
    checked_at BIGINT NOT NULL
);
