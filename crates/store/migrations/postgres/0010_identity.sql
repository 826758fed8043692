-- Who may do what: scopes of tokens, switched-off users and partners, partners of one name; and holiday imports that
-- can be taken away and taken back.

-- `scope` is what a token may do, `numbers` whether it sees telephone numbers whole, `user_id` the only user it may act
-- for.
ALTER TABLE tokens ADD COLUMN scope TEXT NOT NULL DEFAULT 'all';
ALTER TABLE tokens ADD COLUMN numbers TEXT NOT NULL DEFAULT 'full';
ALTER TABLE tokens ADD COLUMN user_id UUID;
ALTER TABLE tokens ADD COLUMN last_used_at BIGINT;
ALTER TABLE tokens ADD FOREIGN KEY (partner_id, user_id) REFERENCES accounts (partner_id, id);
CREATE INDEX tokens_by_user ON tokens (partner_id, user_id);

ALTER TABLE accounts ADD COLUMN disabled_at BIGINT;
ALTER TABLE partners ADD COLUMN disabled_at BIGINT;

-- Of partners with one name the oldest keeps it; the others are told apart by the end of their ids.
UPDATE partners SET name = substr(name, 1, 51) || ' ' || substr(replace(id::text, '-', ''), 21)
    WHERE EXISTS (SELECT 1 FROM partners AS older WHERE older.name = partners.name
                  AND (older.created_at, older.id) < (partners.created_at, partners.id));
CREATE UNIQUE INDEX partners_by_name ON partners (name);

-- A year that was taken away stays as a row, so that the newest revision never falls.
ALTER TABLE holiday_imports ADD COLUMN removed BOOLEAN NOT NULL DEFAULT false;

-- What the last imports and removals replaced, to take them back: none where nothing had been imported.
CREATE TABLE holiday_history (
    revision    BIGINT NOT NULL,
    calendar_id TEXT   NOT NULL,
    year        BIGINT NOT NULL,
    before      TEXT,
    PRIMARY KEY (revision, calendar_id, year)
);
