-- Lines of partners, the users' shares of them, and which tasks name which line.

-- `settings` is all that a person decides beside the name and the secret, as JSON. The secret must be at hand to call with.
CREATE TABLE lines (
    id         BLOB    NOT NULL PRIMARY KEY,
    partner_id BLOB    NOT NULL REFERENCES partners (id),
    name       TEXT    NOT NULL,
    settings   TEXT    NOT NULL,
    secret     TEXT,
    version    INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (partner_id, id)
) STRICT;
CREATE INDEX lines_by_time ON lines (partner_id, created_at, id);

-- A user has at most one share of a line; its sub-users use it too. `price` is in millionths, `scripts` a JSON array of ids.
CREATE TABLE line_allocations (
    id               INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    partner_id       BLOB    NOT NULL,
    line_id          BLOB    NOT NULL,
    user_id          BLOB    NOT NULL,
    line_concurrency INTEGER NOT NULL,
    deadline_at      INTEGER,
    price            INTEGER NOT NULL,
    scripts          TEXT    NOT NULL DEFAULT '[]',
    begin_at         INTEGER NOT NULL,
    updated_at       INTEGER NOT NULL,
    UNIQUE (partner_id, line_id, user_id),
    FOREIGN KEY (partner_id, line_id) REFERENCES lines (partner_id, id),
    FOREIGN KEY (partner_id, user_id) REFERENCES accounts (partner_id, id)
) STRICT;
CREATE INDEX line_allocations_by_user ON line_allocations (partner_id, user_id, line_id);

-- Every id that a task names as a line, `named`. Where it is a line of the partner, the row refers to it, so that
-- it cannot be deleted. `calls` is how many calls at once the task may have over it.
CREATE TABLE task_lines (
    partner_id    BLOB    NOT NULL,
    account_id    BLOB    NOT NULL,
    task_id       BLOB    NOT NULL,
    named         BLOB    NOT NULL,
    calls         INTEGER NOT NULL,
    line_id       BLOB,
    PRIMARY KEY (account_id, task_id, named),
    FOREIGN KEY (account_id, task_id) REFERENCES tasks (account_id, id) ON DELETE CASCADE,
    FOREIGN KEY (partner_id, line_id) REFERENCES lines (partner_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX task_lines_by_named ON task_lines (partner_id, named);
CREATE INDEX task_lines_by_line ON task_lines (partner_id, line_id) WHERE line_id IS NOT NULL;

-- What the tasks that there are name. An entry of `line` is an id, or an object with an `id` and perhaps a `limit`.
INSERT INTO task_lines (partner_id, account_id, task_id, named, calls)
    SELECT a.partner_id, t.account_id, t.id, unhex(replace(n.named, '-', '')),
           min(coalesce(json_extract(t.settings, '$.maximumcall'), 0), coalesce(min(n.calls), 9223372036854775807))
    FROM tasks t JOIN accounts a ON a.id = t.account_id
    JOIN (SELECT id, json_extract(settings, '$.caller_line_id') AS named, NULL AS calls FROM tasks
          UNION ALL
          SELECT tasks.id, CASE line.type WHEN 'object' THEN json_extract(line.value, '$.id') ELSE line.value END,
                 CASE line.type WHEN 'object' THEN json_extract(line.value, '$.limit') END
          FROM tasks, json_each(tasks.settings, '$.line') AS line) n ON n.id = t.id
    WHERE n.named IS NOT NULL
    GROUP BY a.partner_id, t.account_id, t.id, n.named;
