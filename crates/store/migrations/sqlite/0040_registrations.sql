-- Whether a line registers at its carrier, as its settings say.
ALTER TABLE lines ADD COLUMN registers INTEGER NOT NULL DEFAULT 0;
UPDATE lines SET registers = 1 WHERE json_extract(settings, '$.kind.sip.register');
CREATE INDEX lines_that_register ON lines (id) WHERE registers;

-- How such a line stands with its registrar, since when, and what that said, as the node says that keeps its registration. It holds as long as
-- the node's lease does.
CREATE TABLE line_registrations (
    line_id       BLOB    NOT NULL,
    node_id       BLOB    NOT NULL,
    is_registered INTEGER NOT NULL,
    code          INTEGER,
    phrase        TEXT    NOT NULL,
    since         INTEGER NOT NULL,
    PRIMARY KEY (line_id, node_id)
) STRICT;
