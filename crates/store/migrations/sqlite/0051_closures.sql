-- Planned closures of the installation, of partners and of accounts: when, what they are called and who planned them. `level` and `subject` are as those of
-- stops. A revoked one stays, for decisions that were made before.
CREATE TABLE closures (
    id         BLOB   NOT NULL PRIMARY KEY,
    level      TEXT   NOT NULL,
    subject    BLOB   NOT NULL,
    partner_id BLOB   REFERENCES partners (id) ON DELETE CASCADE,
    account_id BLOB,
    name       TEXT   NOT NULL,
    begin_at   INTEGER NOT NULL,
    end_at     INTEGER NOT NULL,
    token_id   BLOB,
    token_name TEXT,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER,
    FOREIGN KEY (partner_id, account_id) REFERENCES accounts (partner_id, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX closures_by_subject ON closures (level, subject);
CREATE INDEX closures_by_partner ON closures (partner_id, account_id);

-- One more with each change of closures: what was compiled with an older one is compiled again. No row: there was never any.
CREATE TABLE closure_revision (
    only_row INTEGER NOT NULL PRIMARY KEY CHECK (only_row = 1),
    revision INTEGER NOT NULL
) STRICT;
