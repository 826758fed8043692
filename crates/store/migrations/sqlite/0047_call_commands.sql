-- What was asked of calls that are under way and that their nodes have not heard of, as JSON.
CREATE TABLE call_commands (
    node_id    BLOB NOT NULL,
    id         BLOB NOT NULL,
    account_id BLOB NOT NULL,
    attempt_id BLOB NOT NULL,
    command    TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (node_id, id)
) STRICT, WITHOUT ROWID;
