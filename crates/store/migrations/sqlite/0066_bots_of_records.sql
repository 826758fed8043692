-- The bots that a call was for, as JSON, each with how it failed; NULL: its script has none.
ALTER TABLE attempts ADD COLUMN bots TEXT;

-- Why a bot takes no calls, as JSON; NULL: not known.
ALTER TABLE bot_states ADD COLUMN fault TEXT;

-- The bots of which accounts were told that they cannot be reached, and not yet that they can again.
CREATE TABLE bots_told_down (
    account_id BLOB NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    url        TEXT NOT NULL,
    PRIMARY KEY (account_id, url)
) STRICT, WITHOUT ROWID;
