-- How many numbers an account must not call, for counting them would grow with them; and their order by time.
CREATE TABLE do_not_call_counts (
    account_id BLOB    NOT NULL PRIMARY KEY REFERENCES accounts (id),
    entries    INTEGER NOT NULL
) STRICT;
INSERT INTO do_not_call_counts (account_id, entries) SELECT account_id, count(*) FROM do_not_call GROUP BY account_id;
CREATE INDEX do_not_call_by_time ON do_not_call (account_id, created_at, number);
