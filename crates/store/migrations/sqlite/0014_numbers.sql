-- Lists of numbers to call, one a task, and the work that is done over them in the background.

-- A list is made with its task's first numbers, and belongs to the task's account. No foreign key to either: a task is deleted at
-- once, and its numbers follow in the background, in the order of their ids: `removed_to` is how far that is. `next_number` is the id of
-- the next number.
CREATE TABLE number_lists (
    id          INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    account_id  BLOB   NOT NULL,
    task_id     BLOB   NOT NULL,
    next_number INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    deleted_at  INTEGER,
    removed_to  INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX number_lists_by_task ON number_lists (account_id, task_id) WHERE deleted_at IS NULL;
CREATE INDEX number_lists_deleted ON number_lists (deleted_at, id) WHERE deleted_at IS NOT NULL;

-- Millions of rows a list. They are written under the lock of their list alone, and the list goes last: a foreign key would be looked
-- up for each of them. `state`: 0 due, 1 leased by a node, 2 in a call, 3 done.
CREATE TABLE numbers (
    list_id         INTEGER NOT NULL,
    id              INTEGER NOT NULL,
    e164            INTEGER NOT NULL,
    extension       TEXT   NOT NULL,
    suffix          TEXT   NOT NULL,
    phone           TEXT   NOT NULL,
    sort            INTEGER NOT NULL,
    state           INTEGER NOT NULL,
    status          INTEGER NOT NULL,
    tries           INTEGER NOT NULL DEFAULT 0,
    line_failures   INTEGER NOT NULL DEFAULT 0,
    next_attempt_at INTEGER NOT NULL,
    leased_by       BLOB,
    leased_until    INTEGER,
    created_at      INTEGER NOT NULL,
    PRIMARY KEY (list_id, id)
) STRICT, WITHOUT ROWID;
-- No callee twice in a list.
CREATE UNIQUE INDEX numbers_by_phone ON numbers (list_id, e164, extension, suffix);
CREATE INDEX numbers_due ON numbers (list_id, sort, next_attempt_at, id) WHERE state = 0;
CREATE INDEX numbers_by_status ON numbers (list_id, status, id);
CREATE INDEX numbers_by_time ON numbers (list_id, created_at, id);

-- What is told of a number beside itself; most have nothing.
CREATE TABLE number_details (
    list_id              INTEGER NOT NULL,
    number_id            INTEGER NOT NULL,
    name                 TEXT,
    email                TEXT,
    company              TEXT,
    sex                  INTEGER,
    extra                TEXT,
    control_select_robot TEXT,
    variables            TEXT,
    PRIMARY KEY (list_id, number_id)
) STRICT, WITHOUT ROWID;

-- How many numbers of a list have a status and a state: counting them would grow with their number.
CREATE TABLE number_counts (
    list_id INTEGER NOT NULL,
    status  INTEGER NOT NULL,
    state   INTEGER NOT NULL,
    numbers INTEGER NOT NULL,
    PRIMARY KEY (list_id, status, state)
) STRICT, WITHOUT ROWID;

-- What is done over a list step by step: `cursor` is how far it is, in the same transaction as what was done. `node` is where its
-- file is, if it has one. It is running as long as it has not ended.
CREATE TABLE number_jobs (
    id         BLOB   NOT NULL PRIMARY KEY,
    list_id    INTEGER NOT NULL,
    kind       TEXT   NOT NULL,
    request    TEXT   NOT NULL,
    node       BLOB,
    total      INTEGER NOT NULL,
    cursor     TEXT   NOT NULL,
    counts     TEXT   NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    ended_at   INTEGER,
    outcome    TEXT
) STRICT;
CREATE INDEX number_jobs_by_list ON number_jobs (list_id, kind, created_at, id);
CREATE INDEX number_jobs_running ON number_jobs (kind, updated_at) WHERE ended_at IS NULL;

-- The rows of an import that were refused, for a while.
CREATE TABLE number_refusals (
    job_id  BLOB   NOT NULL REFERENCES number_jobs (id) ON DELETE CASCADE,
    line    INTEGER NOT NULL,
    reason  TEXT   NOT NULL,
    content TEXT   NOT NULL,
    PRIMARY KEY (job_id, line)
) STRICT;
