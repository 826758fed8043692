-- Whether a line registers at its carrier, as its settings say.
ALTER TABLE lines ADD COLUMN registers BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE lines SET registers = TRUE WHERE (settings::json #>> '{kind,sip,register}') = 'true';
CREATE INDEX lines_that_register ON lines (id) WHERE registers;

-- How such a line stands with its registrar, since when, and what that said, as the node says that keeps its registration. It holds as long as
-- the node's lease does.
CREATE TABLE line_registrations (
    line_id       UUID    NOT NULL,
    node_id       UUID    NOT NULL,
    is_registered BOOLEAN NOT NULL,
    code          BIGINT,
    phrase        TEXT    NOT NULL,
    since         BIGINT  NOT NULL,
    PRIMARY KEY (line_id, node_id)
);
