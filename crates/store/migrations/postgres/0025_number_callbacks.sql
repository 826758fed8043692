-- The platform's callbacks on numbers that were added to tasks or deleted. `numbers` is a JSON array of them as they were sent; NULL of an
-- import, whose numbers are those with the ids of `number_callback_ranges`. The key must be at hand, for the callback's body names it.
CREATE TABLE number_callbacks (
    id           UUID    NOT NULL PRIMARY KEY,
    account_id   UUID    NOT NULL,
    task_id      UUID    NOT NULL,
    change       TEXT    NOT NULL,
    file_key     TEXT    NOT NULL UNIQUE,
    numbers      TEXT,
    is_published BOOLEAN NOT NULL,
    created_at   BIGINT  NOT NULL
);
CREATE INDEX number_callbacks_by_account ON number_callbacks (account_id);
CREATE INDEX number_callbacks_by_time ON number_callbacks (created_at);

-- Ids of numbers that an import has added, from the first to the last, both included.
CREATE TABLE number_callback_ranges (
    callback_id  UUID   NOT NULL REFERENCES number_callbacks (id) ON DELETE CASCADE,
    first_number BIGINT NOT NULL,
    last_number  BIGINT NOT NULL,
    PRIMARY KEY (callback_id, last_number)
);
