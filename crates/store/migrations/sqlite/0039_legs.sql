-- Calls to those with whom callees are connected, of attempts that have not ended: each is written before it is dialed, and goes with its attempt,
-- whose record then says what became of it. `leg` is that as JSON; `handle` is what another process can end it with.
CREATE TABLE open_legs (
    account_id BLOB    NOT NULL,
    attempt_id BLOB    NOT NULL,
    id         BLOB    NOT NULL,
    user_id    BLOB    NOT NULL,
    line_id    BLOB    NOT NULL,
    is_open    INTEGER NOT NULL,
    handle     TEXT,
    leg        TEXT    NOT NULL,
    PRIMARY KEY (account_id, attempt_id, id),
    FOREIGN KEY (account_id, attempt_id) REFERENCES open_attempts (account_id, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX open_legs_by_line ON open_legs (user_id, line_id) WHERE is_open;

-- The same of attempts that have ended, as a list; NULL: none.
ALTER TABLE attempts ADD COLUMN legs TEXT;

-- What a script's lines tell already.
ALTER TABLE scripts DROP COLUMN has_transfer;
