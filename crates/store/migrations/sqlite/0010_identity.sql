-- Who may do what: scopes of tokens, switched-off users and partners, partners of one name; and holiday imports that
-- can be taken away and taken back.

-- `scope` is what a token may do, `numbers` whether it sees telephone numbers whole, `user_id` the only user it may act
-- for. Built anew, because SQLite adds no foreign key of two columns to a table. Nothing refers to tokens.
CREATE TABLE new_tokens (
    id           BLOB    NOT NULL PRIMARY KEY,
    partner_id   BLOB    NOT NULL REFERENCES partners (id),
    hash         BLOB    NOT NULL,
    name         TEXT    NOT NULL,
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER,
    revoked_at   INTEGER,
    scope        TEXT    NOT NULL DEFAULT 'all',
    numbers      TEXT    NOT NULL DEFAULT 'full',
    user_id      BLOB,
    last_used_at INTEGER,
    FOREIGN KEY (partner_id, user_id) REFERENCES accounts (partner_id, id)
) STRICT;
INSERT INTO new_tokens (id, partner_id, hash, name, created_at, expires_at, revoked_at)
    SELECT id, partner_id, hash, name, created_at, expires_at, revoked_at FROM tokens;
DROP TABLE tokens;
ALTER TABLE new_tokens RENAME TO tokens;
CREATE UNIQUE INDEX tokens_by_hash ON tokens (hash);
CREATE INDEX tokens_by_partner ON tokens (partner_id, id);
CREATE INDEX tokens_by_user ON tokens (partner_id, user_id);

ALTER TABLE accounts ADD COLUMN disabled_at INTEGER;
ALTER TABLE partners ADD COLUMN disabled_at INTEGER;

-- Of partners with one name the oldest keeps it; the others are told apart by the end of their ids.
UPDATE partners SET name = substr(name, 1, 51) || ' ' || lower(substr(hex(id), 21))
    WHERE EXISTS (SELECT 1 FROM partners AS older WHERE older.name = partners.name
                  AND (older.created_at, older.id) < (partners.created_at, partners.id));
CREATE UNIQUE INDEX partners_by_name ON partners (name);

-- A year that was taken away stays as a row, so that the newest revision never falls.
ALTER TABLE holiday_imports ADD COLUMN removed INTEGER NOT NULL DEFAULT 0;

-- What the last imports and removals replaced, to take them back: none where nothing had been imported.
CREATE TABLE holiday_history (
    revision    INTEGER NOT NULL,
    calendar_id TEXT    NOT NULL,
    year        INTEGER NOT NULL,
    before      TEXT,
    PRIMARY KEY (revision, calendar_id, year)
) STRICT;
