-- Scripts, the prompts that they play, redial rules, numbers that must not be called; and what tasks name of these.

-- Where the ids come from that scripts and redial rules are given here: they count up over all accounts, and none is given twice.
CREATE TABLE fresh_script_ids (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL
) STRICT;
CREATE TABLE fresh_redial_rule_ids (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL
) STRICT;
INSERT INTO sqlite_sequence (name, seq) VALUES ('fresh_script_ids', 0), ('fresh_redial_rule_ids', 0);

-- The ids that are not given to a user and its sub-users: those that they brought along, and those that their tasks named before
-- there was such a thing.
CREATE TABLE reserved_script_ids (
    account_id BLOB    NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    id         INTEGER NOT NULL,
    PRIMARY KEY (account_id, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE reserved_redial_rule_ids (
    account_id BLOB    NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    id         INTEGER NOT NULL,
    PRIMARY KEY (account_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE redial_rules (
    account_id  BLOB    NOT NULL REFERENCES accounts (id),
    id          INTEGER NOT NULL,
    name        TEXT    NOT NULL,
    remark      TEXT,
    statuses    TEXT    NOT NULL,
    minutes     INTEGER NOT NULL,
    times       INTEGER NOT NULL,
    daily_limit INTEGER,
    version     INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    PRIMARY KEY (account_id, id)
) STRICT;

-- Which redial rule a task names. `user_id` is the user whose task, or whose sub-user's task, it is; `owner_id` the account whose rule
-- it is, the task's own or its user's: none as long as there is no such rule.
CREATE TABLE task_redial_rules (
    account_id BLOB    NOT NULL,
    task_id    BLOB    NOT NULL,
    rule_id    INTEGER NOT NULL,
    user_id    BLOB    NOT NULL,
    owner_id   BLOB,
    PRIMARY KEY (account_id, task_id, rule_id),
    FOREIGN KEY (account_id, task_id) REFERENCES tasks (account_id, id) ON DELETE CASCADE,
    FOREIGN KEY (owner_id, rule_id) REFERENCES redial_rules (account_id, id)
) STRICT;
CREATE INDEX task_redial_rules_by_rule ON task_redial_rules (owner_id, rule_id);
CREATE INDEX task_redial_rules_by_user ON task_redial_rules (user_id, rule_id);

CREATE TABLE prompts (
    account_id BLOB    NOT NULL REFERENCES accounts (id),
    id         BLOB    NOT NULL,
    name       TEXT    NOT NULL,
    samples    INTEGER NOT NULL,
    sha256     BLOB    NOT NULL,
    silent     INTEGER NOT NULL,
    version    INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (account_id, id)
) STRICT;
CREATE INDEX prompts_by_time ON prompts (account_id, created_at, id);

-- The audio of a prompt, a WAV file. Apart from the rest, which lists read.
CREATE TABLE prompt_audio (
    account_id BLOB    NOT NULL,
    prompt_id  BLOB    NOT NULL,
    wav        BLOB    NOT NULL,
    PRIMARY KEY (account_id, prompt_id),
    FOREIGN KEY (account_id, prompt_id) REFERENCES prompts (account_id, id) ON DELETE CASCADE
) STRICT;

-- `secrets` are those of the bots, by their addresses.
CREATE TABLE scripts (
    account_id BLOB    NOT NULL REFERENCES accounts (id),
    id         INTEGER NOT NULL,
    name       TEXT    NOT NULL,
    remark     TEXT,
    flow       TEXT    NOT NULL,
    secrets    TEXT    NOT NULL,
    version    INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (account_id, id)
) STRICT;

-- Which prompts a script plays: of its own account or of that one's user, `owner_id`.
CREATE TABLE script_prompts (
    account_id BLOB    NOT NULL,
    script_id  INTEGER NOT NULL,
    prompt_id  BLOB    NOT NULL,
    owner_id   BLOB    NOT NULL,
    PRIMARY KEY (account_id, script_id, prompt_id),
    FOREIGN KEY (account_id, script_id) REFERENCES scripts (account_id, id) ON DELETE CASCADE,
    FOREIGN KEY (owner_id, prompt_id) REFERENCES prompts (account_id, id)
) STRICT;
CREATE INDEX script_prompts_by_prompt ON script_prompts (owner_id, prompt_id);

-- Which scripts a task names, as with redial rules; `main` is the one of its `destination_extension`.
CREATE TABLE task_scripts (
    account_id BLOB    NOT NULL,
    task_id    BLOB    NOT NULL,
    script_id  INTEGER NOT NULL,
    user_id    BLOB    NOT NULL,
    owner_id   BLOB,
    main       INTEGER NOT NULL,
    PRIMARY KEY (account_id, task_id, script_id),
    FOREIGN KEY (account_id, task_id) REFERENCES tasks (account_id, id) ON DELETE CASCADE,
    FOREIGN KEY (owner_id, script_id) REFERENCES scripts (account_id, id)
) STRICT;
CREATE INDEX task_scripts_by_script ON task_scripts (owner_id, script_id);
CREATE INDEX task_scripts_by_user ON task_scripts (user_id, script_id);

-- Numbers that an account must not call, nor its sub-users: E.164 without the plus.
CREATE TABLE do_not_call (
    account_id BLOB    NOT NULL REFERENCES accounts (id),
    number     INTEGER NOT NULL,
    reason     TEXT,
    source     TEXT    NOT NULL,
    until      INTEGER,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (account_id, number)
) STRICT;

-- What the tasks that are there name. A number may have been sent as a text; settings that cannot be read name nothing.
CREATE TABLE named_by_tasks AS
    SELECT tasks.account_id, tasks.id AS task_id, coalesce(accounts.parent_id, accounts.id) AS user_id,
           named.key, named.path = '$' AS outermost, CAST(named.atom AS INTEGER) AS id
    FROM tasks
    JOIN accounts ON accounts.id = tasks.account_id
    JOIN json_tree(CASE WHEN json_valid(tasks.settings) THEN tasks.settings ELSE '{}' END) AS named
    WHERE named.type IN ('integer', 'text') AND named.atom NOT GLOB '*[^0-9]*' AND length(named.atom) BETWEEN 1 AND 15
      AND ((named.key = 'auto_recycle_rule_id' AND named.path = '$') OR named.key = 'destination_extension'
           OR (named.key IN ('group_id', 'default_group_id') AND replace(named.path, '"', '') LIKE '$.group_switch_rule[%'));
INSERT INTO task_scripts (account_id, task_id, script_id, user_id, owner_id, main)
    SELECT account_id, task_id, id, user_id, NULL, max(outermost)
    FROM named_by_tasks WHERE key <> 'auto_recycle_rule_id' AND id > 0 GROUP BY account_id, task_id, id, user_id;
INSERT INTO task_redial_rules (account_id, task_id, rule_id, user_id, owner_id)
    SELECT account_id, task_id, id, user_id, NULL FROM named_by_tasks WHERE key = 'auto_recycle_rule_id' AND id > 0;
DROP TABLE named_by_tasks;

INSERT INTO reserved_script_ids (account_id, id) SELECT DISTINCT user_id, script_id FROM task_scripts;
INSERT INTO reserved_redial_rule_ids (account_id, id) SELECT DISTINCT user_id, rule_id FROM task_redial_rules;
