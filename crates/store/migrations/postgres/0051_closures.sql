-- Planned closures of the installation, of partners and of accounts: when, what they are called and who planned them. `level` and `subject` are as those of
-- stops. A revoked one stays, for decisions that were made before.
CREATE TABLE closures (
    id         UUID   NOT NULL PRIMARY KEY,
    level      TEXT   NOT NULL,
    subject    UUID   NOT NULL,
    partner_id UUID   REFERENCES partners (id) ON DELETE CASCADE,
    account_id UUID,
    name       TEXT   NOT NULL,
    begin_at   BIGINT NOT NULL,
    end_at     BIGINT NOT NULL,
    token_id   UUID,
    token_name TEXT,
    created_at BIGINT NOT NULL,
    revoked_at BIGINT,
    FOREIGN KEY (partner_id, account_id) REFERENCES accounts (partner_id, id) ON DELETE CASCADE
);
CREATE INDEX closures_by_subject ON closures (level, subject);
CREATE INDEX closures_by_partner ON closures (partner_id, account_id);

-- One more with each change of closures: what was compiled with an older one is compiled again. No row: there was never any.
CREATE TABLE closure_revision (
    only_row BIGINT NOT NULL PRIMARY KEY CHECK (only_row = 1),
    revision BIGINT NOT NULL
);
