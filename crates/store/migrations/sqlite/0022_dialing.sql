-- What the dialer works with: nodes that dial, attempts under way, and nodes' shares of lines.

-- A node holds its numbers and calls as long as its lease does, by the database's clock. Once it has run out, another node ends what it
-- had, and deletes the row last.
CREATE TABLE nodes (
    id          BLOB   NOT NULL PRIMARY KEY,
    lease_until INTEGER NOT NULL
) STRICT;

-- Attempts that have not ended, each written before its call starts. A callee has one call of an account at a time. The last three
-- columns are what the number had before: it does not change meanwhile.
CREATE TABLE open_attempts (
    account_id     BLOB    NOT NULL,
    id             BLOB    NOT NULL,
    user_id        BLOB    NOT NULL,
    node_id        BLOB    NOT NULL,
    list_id        INTEGER NOT NULL,
    number_id      INTEGER NOT NULL,
    task_id        BLOB    NOT NULL,
    task_name      TEXT    NOT NULL,
    e164           INTEGER NOT NULL,
    phone          TEXT    NOT NULL,
    details        TEXT    NOT NULL,
    line_id        BLOB    NOT NULL,
    caller_id      TEXT,
    script_id      INTEGER,
    is_simulated   INTEGER NOT NULL,
    evidence       TEXT    NOT NULL,
    dialed_at      INTEGER NOT NULL,
    ringing_at     INTEGER,
    early_media_at INTEGER,
    answered_at    INTEGER,
    status         INTEGER NOT NULL,
    tries          INTEGER NOT NULL,
    line_failures  INTEGER NOT NULL,
    PRIMARY KEY (account_id, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX open_attempts_by_number ON open_attempts (list_id, number_id);
CREATE UNIQUE INDEX open_attempts_by_callee ON open_attempts (account_id, e164);
CREATE INDEX open_attempts_by_line ON open_attempts (user_id, line_id);
CREATE INDEX open_attempts_by_node ON open_attempts (node_id);

-- What the decision to call rested on, as JSON; none of attempts that were written before there was any.
ALTER TABLE attempts ADD COLUMN evidence TEXT;

-- A lease is its node's: how long it holds is said there.
ALTER TABLE numbers DROP COLUMN leased_until;
-- Numbers to call again come first, by when they are due; then those that were never called, in their order.
DROP INDEX numbers_due;
CREATE INDEX numbers_again ON numbers (list_id, next_attempt_at, id) WHERE state = 0 AND next_attempt_at > 0;
CREATE INDEX numbers_first ON numbers (list_id, sort, id) WHERE state = 0 AND next_attempt_at = 0;
CREATE INDEX numbers_leased ON numbers (leased_by) WHERE state = 1;
-- The lists that have numbers to call.
CREATE INDEX number_counts_due ON number_counts (list_id) WHERE state = 0 AND numbers > 0;

-- When the last number of a list was done; NULL while there is one to call, or to call again.
ALTER TABLE number_lists ADD COLUMN finished_at INTEGER;

-- A node's share of a line's channels and of the calls that may start on it in a second (in thousandths), by the database's clock.
CREATE TABLE line_shares (
    line_id     BLOB    NOT NULL,
    node_id     BLOB    NOT NULL,
    channels    INTEGER NOT NULL,
    rate        INTEGER NOT NULL,
    valid_until INTEGER NOT NULL,
    PRIMARY KEY (line_id, node_id)
) STRICT, WITHOUT ROWID;

-- Lines over which a node starts nothing for now, for they failed again and again.
CREATE TABLE lines_down (
    line_id BLOB    NOT NULL,
    node_id BLOB    NOT NULL,
    since   INTEGER NOT NULL,
    PRIMARY KEY (line_id, node_id)
) STRICT, WITHOUT ROWID;
