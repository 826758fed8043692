-- Accounts and webhooks that were deleted and of which there are rows left, for there may be millions: they go in the background. `stage` is which of
-- their tables comes next, and `place` how far that one is.
CREATE TABLE removals (
    id         BLOB    NOT NULL PRIMARY KEY,
    kind       TEXT    NOT NULL,
    stage      INTEGER NOT NULL,
    place      INTEGER NOT NULL,
    removed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX removals_by_time ON removals (removed_at, id);

-- What goes later refers to nothing that goes at once. SQLite takes a foreign key away from a table that is built anew.
CREATE TABLE new_do_not_call (
    account_id BLOB    NOT NULL,
    number     INTEGER NOT NULL,
    reason     TEXT,
    source     TEXT    NOT NULL,
    until      INTEGER,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (account_id, number)
) STRICT;
INSERT INTO new_do_not_call SELECT account_id, number, reason, source, until, created_at FROM do_not_call;
DROP TABLE do_not_call;
ALTER TABLE new_do_not_call RENAME TO do_not_call;
CREATE INDEX do_not_call_by_time ON do_not_call (account_id, created_at, number);

CREATE TABLE new_webhook_deliveries (
    id              INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    webhook_id      BLOB    NOT NULL,
    number          INTEGER,
    kind            TEXT    NOT NULL,
    subject         TEXT    NOT NULL,
    created_at      INTEGER NOT NULL,
    since           INTEGER NOT NULL,
    attempts        INTEGER NOT NULL DEFAULT 0,
    next_attempt_at INTEGER,
    attempted_at    INTEGER,
    delivered       INTEGER NOT NULL DEFAULT 0,
    status          INTEGER,
    answer          TEXT,
    batch           INTEGER,
    UNIQUE (webhook_id, number)
) STRICT;
-- No id is given twice.
INSERT INTO sqlite_sequence (name, seq) SELECT 'new_webhook_deliveries', seq FROM sqlite_sequence WHERE name = 'webhook_deliveries';
INSERT INTO new_webhook_deliveries
    SELECT id, webhook_id, number, kind, subject, created_at, since, attempts, next_attempt_at, attempted_at, delivered, status, answer, batch
    FROM webhook_deliveries;
DROP TABLE webhook_deliveries;
ALTER TABLE new_webhook_deliveries RENAME TO webhook_deliveries;
CREATE INDEX webhook_deliveries_by_webhook ON webhook_deliveries (webhook_id, id);
CREATE INDEX webhook_deliveries_pending ON webhook_deliveries (webhook_id, subject, id) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX webhook_deliveries_by_time ON webhook_deliveries (created_at);
CREATE INDEX webhook_deliveries_tests ON webhook_deliveries (next_attempt_at)
    WHERE number IS NULL AND next_attempt_at IS NOT NULL;

-- An account that is gone has no log: a call may outlive it.
DROP TRIGGER events_append;
CREATE TRIGGER events_append INSTEAD OF INSERT ON appended_events WHEN EXISTS (SELECT 1 FROM accounts WHERE id = NEW.account_id) BEGIN
    INSERT INTO event_counters (account_id, last) VALUES (NEW.account_id, 1 + NEW.further_events)
        ON CONFLICT (account_id) DO UPDATE SET last = last + excluded.last;
    INSERT INTO events (account_id, number, kind, cause, due_at, written_at, group_id, group_version, task_id, detail,
                        further_events, tasks)
        SELECT NEW.account_id, last - NEW.further_events, NEW.kind, NEW.cause, NEW.due_at, NEW.written_at, NEW.group_id,
               NEW.group_version, NEW.task_id, NEW.detail, NEW.further_events, NEW.tasks
        FROM event_counters WHERE account_id = NEW.account_id;
END;
