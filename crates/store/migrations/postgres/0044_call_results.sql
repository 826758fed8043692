-- What came of conversations, as the bot or another program says. It refers to nothing: a result may be there before the record of its call is,
-- and goes with the record.
CREATE TABLE call_results (
    account_id   UUID    NOT NULL,
    attempt_id   UUID    NOT NULL,
    task_id      UUID    NOT NULL,
    dialed_at    BIGINT  NOT NULL,
    -- As of the record; NULL while there is none.
    outcome      BIGINT,
    intention    BIGINT,
    -- In hundredths.
    score        BIGINT,
    given_rounds BIGINT,
    rounds       BIGINT  NOT NULL,
    -- 1 to 5; 0: the callee said nothing.
    rounds_band  BIGINT  NOT NULL,
    tags         TEXT    NOT NULL,
    updated_at   BIGINT  NOT NULL,
    summary      TEXT,
    fields       TEXT    NOT NULL,
    -- JSON, compressed.
    transcript   BYTEA,
    PRIMARY KEY (account_id, attempt_id)
);
CREATE INDEX call_results_by_time ON call_results (account_id, dialed_at, attempt_id);
CREATE INDEX call_results_by_task ON call_results (account_id, task_id, dialed_at, attempt_id);
CREATE INDEX call_results_by_intention ON call_results (account_id, intention, dialed_at, attempt_id) WHERE intention IS NOT NULL;
CREATE INDEX call_results_by_task_intention ON call_results (account_id, task_id, intention, dialed_at, attempt_id)
    WHERE intention IS NOT NULL;

-- How many of the records of each hour (counted from 1970, in UTC) have which result. Intention and band are 0 where there is none.
CREATE TABLE result_hours (
    account_id  UUID    NOT NULL,
    task_id     UUID    NOT NULL,
    hour        BIGINT  NOT NULL,
    outcome     BIGINT  NOT NULL,
    intention   BIGINT  NOT NULL,
    rounds_band BIGINT  NOT NULL,
    results     BIGINT  NOT NULL,
    PRIMARY KEY (account_id, task_id, hour, outcome, intention, rounds_band)
);
CREATE INDEX result_hours_by_hour ON result_hours (account_id, hour);
