-- What came of conversations, as the bot or another program says. It refers to nothing: a result may be there before the record of its call is,
-- and goes with the record.
CREATE TABLE call_results (
    account_id   BLOB    NOT NULL,
    attempt_id   BLOB    NOT NULL,
    task_id      BLOB    NOT NULL,
    dialed_at    INTEGER NOT NULL,
    -- As of the record; NULL while there is none.
    outcome      INTEGER,
    intention    INTEGER,
    -- In hundredths.
    score        INTEGER,
    given_rounds INTEGER,
    rounds       INTEGER NOT NULL,
    -- 1 to 5; 0: the callee said nothing.
    rounds_band  INTEGER NOT NULL,
    tags         TEXT    NOT NULL,
    updated_at   INTEGER NOT NULL,
    summary      TEXT,
    fields       TEXT    NOT NULL,
    -- JSON, compressed.
    transcript   BLOB,
    PRIMARY KEY (account_id, attempt_id)
) STRICT;
CREATE INDEX call_results_by_time ON call_results (account_id, dialed_at, attempt_id);
CREATE INDEX call_results_by_task ON call_results (account_id, task_id, dialed_at, attempt_id);
CREATE INDEX call_results_by_intention ON call_results (account_id, intention, dialed_at, attempt_id) WHERE intention IS NOT NULL;
CREATE INDEX call_results_by_task_intention ON call_results (account_id, task_id, intention, dialed_at, attempt_id)
    WHERE intention IS NOT NULL;

-- How many of the records of each hour (counted from 1970, in UTC) have which result. Intention and band are 0 where there is none.
CREATE TABLE result_hours (
    account_id  BLOB    NOT NULL,
    task_id     BLOB    NOT NULL,
    hour        INTEGER NOT NULL,
    outcome     INTEGER NOT NULL,
    intention   INTEGER NOT NULL,
    rounds_band INTEGER NOT NULL,
    results     INTEGER NOT NULL,
    PRIMARY KEY (account_id, task_id, hour, outcome, intention, rounds_band)
) STRICT, WITHOUT ROWID;
CREATE INDEX result_hours_by_hour ON result_hours (account_id, hour);
