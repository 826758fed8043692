-- Every id by which a script names a line to transfer calls over. Where it is a line of the partner, the row refers to it, so that it
-- cannot be deleted.
CREATE TABLE script_lines (
    partner_id UUID   NOT NULL,
    account_id UUID   NOT NULL,
    script_id  BIGINT NOT NULL,
    named      UUID   NOT NULL,
    line_id    UUID,
    PRIMARY KEY (account_id, script_id, named),
    FOREIGN KEY (account_id, script_id) REFERENCES scripts (account_id, id) ON DELETE CASCADE,
    FOREIGN KEY (partner_id, line_id) REFERENCES lines (partner_id, id)
);
CREATE INDEX script_lines_by_named ON script_lines (partner_id, named);
CREATE INDEX script_lines_by_line ON script_lines (partner_id, line_id) WHERE line_id IS NOT NULL;

INSERT INTO script_lines (partner_id, account_id, script_id, named, line_id)
    SELECT DISTINCT a.partner_id, s.account_id, s.id, n.named, l.id
    FROM scripts s JOIN accounts a ON a.id = s.account_id
    CROSS JOIN LATERAL (SELECT (jsonb_path_query(s.flow::jsonb, '$.steps[*].line') #>> '{}')::uuid AS named) AS n
    LEFT JOIN lines l ON l.partner_id = a.partner_id AND l.id = n.named
    WHERE n.named IS NOT NULL;
