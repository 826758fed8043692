-- What was asked of calls that are under way and that their nodes have not heard of, as JSON.
CREATE TABLE call_commands (
    node_id    UUID NOT NULL,
    id         UUID NOT NULL,
    account_id UUID NOT NULL,
    attempt_id UUID NOT NULL,
    command    TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (node_id, id)
);
