-- The ceiling of a partner or of an account: a group that every task below must also be inside of. It is one of the account's own groups, or one of
-- those of the partner's accounts. `level` and `subject` are as those of stops.
CREATE TABLE ceilings (
    level            TEXT   NOT NULL,
    subject          BLOB NOT NULL,
    partner_id       BLOB NOT NULL REFERENCES partners (id) ON DELETE CASCADE,
    account_id       BLOB,
    group_account_id BLOB NOT NULL,
    group_id         INTEGER NOT NULL,
    token_id         BLOB,
    token_name       TEXT,
    set_at           INTEGER NOT NULL,
    PRIMARY KEY (level, subject),
    FOREIGN KEY (partner_id, account_id) REFERENCES accounts (partner_id, id) ON DELETE CASCADE,
    FOREIGN KEY (partner_id, group_account_id) REFERENCES accounts (partner_id, id),
    FOREIGN KEY (group_account_id, group_id) REFERENCES dial_time_groups (account_id, id)
) STRICT;
CREATE INDEX ceilings_by_group ON ceilings (group_account_id, group_id);
CREATE INDEX ceilings_by_partner ON ceilings (partner_id, account_id);
CREATE INDEX ceilings_by_group_account ON ceilings (partner_id, group_account_id);

-- One more with each change of ceilings, and with each edit of a group that is one: what was compiled with an older one is compiled again. No row: there
-- was never any.
CREATE TABLE ceiling_revision (
    only_row INTEGER NOT NULL PRIMARY KEY CHECK (only_row = 1),
    revision INTEGER NOT NULL
) STRICT;
