-- The bots that a call may be handed to, as JSON, and the hash of what proves to be one of them; NULL: its script has none.
ALTER TABLE open_attempts ADD COLUMN bots TEXT;
ALTER TABLE open_attempts ADD COLUMN bot_token_sha256 TEXT;

-- The bots that a node asked and that take no calls.
CREATE TABLE bot_states (
    node_id UUID    NOT NULL,
    url     TEXT    NOT NULL,
    is_full BOOLEAN NOT NULL,
    since   BIGINT  NOT NULL,
    PRIMARY KEY (node_id, url)
);
