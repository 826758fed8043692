-- The kill switch: what is stopped now, by whom and why.

-- `level` is how much it covers, and `subject` the partner, the account or the line; of the installation the id of nothing.
-- No `token_id`: the command line.
CREATE TABLE stops (
    level      TEXT   NOT NULL,
    subject    BLOB   NOT NULL,
    partner_id BLOB   REFERENCES partners (id) ON DELETE CASCADE,
    account_id BLOB,
    line_id    BLOB,
    reason     TEXT,
    token_id   BLOB,
    token_name TEXT,
    stopped_at INTEGER NOT NULL,
    PRIMARY KEY (level, subject),
    FOREIGN KEY (partner_id, account_id) REFERENCES accounts (partner_id, id) ON DELETE CASCADE,
    FOREIGN KEY (partner_id, line_id) REFERENCES lines (partner_id, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX stops_by_partner ON stops (partner_id, account_id);
CREATE INDEX stops_by_line ON stops (partner_id, line_id);

-- Stops and their ends that are still to be published to the accounts that they cover, in the order of the accounts' ids: `published_to` is how
-- far that is. Without a `kind` there is nothing to say: what holds may be another than when the account was made.
CREATE TABLE stop_publications (
    id      INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    level   TEXT   NOT NULL,
    subject BLOB   NOT NULL,
    kind    TEXT,
    detail  TEXT,
    at      INTEGER NOT NULL,
    published_to BLOB   NOT NULL
) STRICT;

-- Whether an account is stopped as far as its log has said, and since when.
ALTER TABLE accounts ADD COLUMN published_stopped INTEGER NOT NULL DEFAULT false;
ALTER TABLE accounts ADD COLUMN stop_published_at INTEGER;
CREATE INDEX accounts_by_stop ON accounts (stop_published_at) WHERE stop_published_at IS NOT NULL;
