-- Of each hour's attempts, how many were dialed in each of its quarters; and the hours of an account over all its tasks.
ALTER TABLE attempt_hours ADD COLUMN quarter_0 INTEGER NOT NULL DEFAULT 0;
ALTER TABLE attempt_hours ADD COLUMN quarter_1 INTEGER NOT NULL DEFAULT 0;
ALTER TABLE attempt_hours ADD COLUMN quarter_2 INTEGER NOT NULL DEFAULT 0;
ALTER TABLE attempt_hours ADD COLUMN quarter_3 INTEGER NOT NULL DEFAULT 0;

UPDATE attempt_hours SET quarter_0 = counted.quarter_0, quarter_1 = counted.quarter_1, quarter_2 = counted.quarter_2, quarter_3 = counted.quarter_3
FROM (
    SELECT account_id, task_id, dialed_at / 3600000000 AS hour, outcome,
        sum(CASE WHEN dialed_at / 900000000 % 4 = 0 THEN 1 ELSE 0 END) AS quarter_0,
        sum(CASE WHEN dialed_at / 900000000 % 4 = 1 THEN 1 ELSE 0 END) AS quarter_1,
        sum(CASE WHEN dialed_at / 900000000 % 4 = 2 THEN 1 ELSE 0 END) AS quarter_2,
        sum(CASE WHEN dialed_at / 900000000 % 4 = 3 THEN 1 ELSE 0 END) AS quarter_3
    FROM attempts GROUP BY account_id, task_id, dialed_at / 3600000000, outcome
) AS counted
WHERE attempt_hours.account_id = counted.account_id AND attempt_hours.task_id = counted.task_id
    AND attempt_hours.hour = counted.hour AND attempt_hours.outcome = counted.outcome;

CREATE INDEX attempt_hours_by_hour ON attempt_hours (account_id, hour);
