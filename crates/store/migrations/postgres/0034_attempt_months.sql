-- Attempts are stored by the month (UTC) in which they were dialed: what is asked of a time reads the months of that time, and a month that is
-- past goes at once. The months are made ahead, while nodes run; what is of none of them is in `attempts_other`, so that nothing is ever refused.

ALTER TABLE attempts RENAME TO attempts_before;
ALTER TABLE attempts_before DROP CONSTRAINT attempts_pkey;
DROP INDEX attempts_by_time;
DROP INDEX attempts_by_task;
DROP INDEX attempts_by_number;

CREATE TABLE attempts (LIKE attempts_before) PARTITION BY RANGE (dialed_at);
-- What tells months apart must be in it; an attempt has one instant at which it was dialed, so it is there once.
ALTER TABLE attempts ADD CONSTRAINT attempts_pkey PRIMARY KEY (account_id, id, dialed_at);
CREATE INDEX attempts_by_time ON attempts (account_id, dialed_at, id);
CREATE INDEX attempts_by_task ON attempts (account_id, task_id, dialed_at, id);
CREATE INDEX attempts_by_number ON attempts (account_id, e164, dialed_at, id);
CREATE TABLE attempts_other PARTITION OF attempts DEFAULT;

-- The month of an instant (in microseconds since 1970), so many months later: when it begins.
CREATE FUNCTION attempts_month(instant BIGINT, later INTEGER) RETURNS BIGINT LANGUAGE sql IMMUTABLE AS $$
    SELECT (extract(epoch FROM date_trunc('month', to_timestamp(instant / 1000000) AT TIME ZONE 'UTC') + make_interval(months => later))
            * 1000000)::bigint
$$;

-- Makes the month of an instant, unless it is there, or attempts of it are in `attempts_other`, where they stay. It is made apart and then
-- attached: whoever writes attempts is not kept waiting.
CREATE FUNCTION make_attempts_month(instant BIGINT) RETURNS BOOLEAN LANGUAGE plpgsql AS $$
DECLARE
    first BIGINT := attempts_month(instant, 0);
    until BIGINT := attempts_month(instant, 1);
    month TEXT := 'attempts_' || to_char(to_timestamp(instant / 1000000) AT TIME ZONE 'UTC', 'YYYY_MM');
BEGIN
    IF to_regclass(month) IS NOT NULL
        OR EXISTS (SELECT 1 FROM attempts_other WHERE dialed_at >= first AND dialed_at < until) THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE attempts INCLUDING ALL)', month);
    EXECUTE format('ALTER TABLE attempts ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)', month, first, until);
    RETURN true;
END
$$;

-- Drops the oldest month that has ended by an instant, with its counters; says whether there was one. Nobody deletes of it meanwhile, who would take
-- its attempts out of counters that are gone; and none goes while older attempts are in `attempts_other`, which go one by one.
CREATE FUNCTION drop_attempts_month(instant BIGINT) RETURNS BOOLEAN LANGUAGE plpgsql AS $$
DECLARE
    month TEXT;
    first BIGINT;
    until BIGINT;
BEGIN
    SELECT relname INTO month FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
        WHERE inhparent = 'attempts'::regclass AND relname ~ '^attempts_[0-9]{4}_[0-9]{2}$' ORDER BY relname LIMIT 1;
    IF month IS NULL THEN
        RETURN false;
    END IF;
    first := attempts_month((extract(epoch FROM to_date(right(month, 7), 'YYYY_MM')) * 1000000)::bigint, 0);
    until := attempts_month(first, 1);
    IF until > instant OR EXISTS (SELECT 1 FROM attempts_other WHERE dialed_at < until) THEN
        RETURN false;
    END IF;
    EXECUTE format('LOCK TABLE %I IN SHARE MODE', month);
    DELETE FROM attempt_hours WHERE hour >= first / 3600000000 AND hour < until / 3600000000;
    EXECUTE format('DROP TABLE %I', month);
    RETURN true;
END
$$;

-- The months of what is there, but for what is older than any retention, and those that come next.
SELECT make_attempts_month(attempts_month(least((SELECT max(dialed_at) FROM attempts_before), present.at), -back)) FROM
    (SELECT (extract(epoch FROM now()) * 1000000)::bigint AS at) AS present, generate_series(0, 36) AS back
    WHERE attempts_month(least((SELECT max(dialed_at) FROM attempts_before), present.at), -back + 1) > (SELECT min(dialed_at) FROM attempts_before);
SELECT make_attempts_month(attempts_month((extract(epoch FROM now()) * 1000000)::bigint, later)) FROM generate_series(0, 3) AS later;
INSERT INTO attempts SELECT * FROM attempts_before;
DROP TABLE attempts_before;
