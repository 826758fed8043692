-- Partners, their tokens, and their accounts.
-- Times are microseconds UTC. Foreign keys carry no ON DELETE RESTRICT: it changes the error's code.

CREATE TABLE partners (
    id         UUID    NOT NULL PRIMARY KEY,
    name       TEXT    NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE tokens (
    id         UUID    NOT NULL PRIMARY KEY,
    partner_id UUID    NOT NULL REFERENCES partners (id),
    hash       BYTEA   NOT NULL,
    name       TEXT    NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    revoked_at BIGINT
);
CREATE UNIQUE INDEX tokens_by_hash ON tokens (hash);
CREATE INDEX tokens_by_partner ON tokens (partner_id, id);

-- A user has no parent; a sub-user's parent is a user of the same partner.
CREATE TABLE accounts (
    id            UUID    NOT NULL PRIMARY KEY,
    partner_id    UUID    NOT NULL REFERENCES partners (id),
    parent_id     UUID,
    name          TEXT    NOT NULL,
    email         TEXT    NOT NULL,
    phone         TEXT    NOT NULL,
    password_hash TEXT    NOT NULL,
    tenant_id     UUID,
    profile       TEXT    NOT NULL,
    created_at    BIGINT NOT NULL,
    updated_at    BIGINT NOT NULL,
    UNIQUE (partner_id, id),
    FOREIGN KEY (partner_id, parent_id) REFERENCES accounts (partner_id, id)
);
CREATE UNIQUE INDEX accounts_by_email ON accounts (partner_id, email);
CREATE UNIQUE INDEX accounts_by_phone ON accounts (partner_id, phone);
CREATE INDEX accounts_by_parent ON accounts (partner_id, parent_id, created_at, id);
