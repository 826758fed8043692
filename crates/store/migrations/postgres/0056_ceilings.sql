-- The ceiling of a partner or of an account: a group that every task below must also be inside of. It is one of the account's own groups, or one of
-- those of the partner's accounts. `level` and `subject` are as those of stops.
CREATE TABLE ceilings (
    level            TEXT   NOT NULL,
    subject          UUID NOT NULL,
    partner_id       UUID NOT NULL REFERENCES partners (id) ON DELETE CASCADE,
    account_id       UUID,
    group_account_id UUID NOT NULL,
    group_id         BIGINT NOT NULL,
    token_id         UUID,
    token_name       TEXT,
    set_at           BIGINT NOT NULL,
    PRIMARY KEY (level, subject),
    FOREIGN KEY (partner_id, account_id) REFERENCES accounts (partner_id, id) ON DELETE CASCADE,
    FOREIGN KEY (partner_id, group_account_id) REFERENCES accounts (partner_id, id),
    FOREIGN KEY (group_account_id, group_id) REFERENCES dial_time_groups (account_id, id)
);
CREATE INDEX ceilings_by_group ON ceilings (group_account_id, group_id);
CREATE INDEX ceilings_by_partner ON ceilings (partner_id, account_id);
CREATE INDEX ceilings_by_group_account ON ceilings (partner_id, group_account_id);

-- One more with each change of ceilings, and with each edit of a group that is one: what was compiled with an older one is compiled again. No row: there
-- was never any.
CREATE TABLE ceiling_revision (
    only_row BIGINT NOT NULL PRIMARY KEY CHECK (only_row = 1),
    revision BIGINT NOT NULL
);
