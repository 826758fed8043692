-- Groups of lines: calls go over the first, and over the next where that fails in one of the ways that `failover` names (a JSON array of
-- classes of outcomes).
CREATE TABLE line_groups (
    id          BLOB    NOT NULL PRIMARY KEY,
    partner_id  BLOB    NOT NULL REFERENCES partners (id),
    name        TEXT    NOT NULL,
    description TEXT    NOT NULL,
    failover    TEXT    NOT NULL,
    version     INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    UNIQUE (partner_id, id)
) STRICT;
CREATE INDEX line_groups_by_time ON line_groups (partner_id, created_at, id);

-- The lines of a group in their order.
CREATE TABLE line_group_lines (
    partner_id  BLOB    NOT NULL,
    group_id    BLOB    NOT NULL,
    line_id     BLOB    NOT NULL,
    place       INTEGER NOT NULL,
    PRIMARY KEY (group_id, line_id),
    FOREIGN KEY (partner_id, group_id) REFERENCES line_groups (partner_id, id) ON DELETE CASCADE,
    FOREIGN KEY (partner_id, line_id) REFERENCES lines (partner_id, id)
) STRICT;
CREATE INDEX line_group_lines_by_line ON line_group_lines (partner_id, line_id);

-- The groups that a task names where it could name a line. `calls` is how many calls at once it may have over the group.
CREATE TABLE task_line_groups (
    partner_id  BLOB    NOT NULL,
    account_id  BLOB    NOT NULL,
    task_id     BLOB    NOT NULL,
    group_id    BLOB    NOT NULL,
    calls       INTEGER NOT NULL,
    PRIMARY KEY (account_id, task_id, group_id),
    FOREIGN KEY (account_id, task_id) REFERENCES tasks (account_id, id) ON DELETE CASCADE,
    FOREIGN KEY (partner_id, group_id) REFERENCES line_groups (partner_id, id)
) STRICT;
CREATE INDEX task_line_groups_by_group ON task_line_groups (partner_id, group_id);
